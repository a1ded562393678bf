import { useEffect, useMemo, useState } from 'react';
import { Outlet, useLocation, useNavigate, useSearchParams } from 'react-router';
import AppLayoutToolbar from '@cloudscape-design/components/app-layout-toolbar';
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import SideNavigation from '@cloudscape-design/components/side-navigation';
import type { TopNavigationProps } from '@cloudscape-design/components/top-navigation';
import { api, take } from '../api/client';
import { isApiError } from '../api/problem';
import { CrumbsProvider, useCrumbs } from './crumbs';
import { Flashes, FlashProvider, useFlash } from './flash';
import { follow } from './link';
import { useTranslate } from './preferences';
import { RequireSession, sessionClosed, useSession } from './session';
import { TopBar } from './top_bar';

/** The frame around every page of a signed-in user. */
export function Shell() {
  return (
    <RequireSession>
      <FlashProvider>
        <CrumbsProvider>
          <Frame />
        </CrumbsProvider>
      </FlashProvider>
    </RequireSession>
  );
}

const wide = '(min-width: 1000px)';

function Frame() {
  const t = useTranslate();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const { path } = useSession();
  const crumbs = useCrumbs();
  const [open, setOpen] = useState(() => matchMedia(wide).matches);

  // On a small screen the navigation covers the page: it closes when it has done its work.
  useEffect(() => {
    if (!matchMedia(wide).matches) setOpen(false);
  }, [pathname]);

  const section = pathname === '/' ? '/' : `/${pathname.split('/')[1]}`;
  const link = (to: string, text: string) => ({ type: 'link' as const, href: path(to), text });

  return (
    <>
      <AccountBar />
      <AppLayoutToolbar
        headerSelector="#top"
        toolsHide
        navigationWidth={240}
        maxContentWidth={1280}
        navigationOpen={open}
        onNavigationChange={({ detail }) => setOpen(detail.open)}
        ariaLabels={{
          navigation: t('nav.label'),
          navigationToggle: t('nav.open'),
          navigationClose: t('nav.close'),
          notifications: t('nav.notifications'),
        }}
        navigation={
          <SideNavigation
            header={{ text: t('nav.title'), href: path('/') }}
            activeHref={path(section)}
            onFollow={follow(navigate)}
            items={[
              link('/', t('nav.home')),
              link('/queues', t('nav.queues')),
              link('/access-keys', t('nav.accessKeys')),
              link('/bill', t('nav.bill')),
              { type: 'divider' },
              { type: 'link', href: '/docs', text: t('nav.docs'), external: true, externalIconAriaLabel: t('nav.external') },
            ]}
          />
        }
        breadcrumbs={
          crumbs.length > 0 && (
            <BreadcrumbGroup
              ariaLabel={t('nav.breadcrumbs')}
              items={[{ text: t('nav.title'), href: path('/') }, ...crumbs.map((c) => ({ text: c.text, href: path(c.to) }))]}
              onFollow={follow(navigate)}
            />
          )
        }
        notifications={<Flashes />}
        content={<Outlet />}
      />
    </>
  );
}

function AccountBar() {
  const t = useTranslate();
  const navigate = useNavigate();
  const { me, project, path } = useSession();
  const [params, setParams] = useSearchParams();
  const flash = useFlash();

  const signOut = async () => {
    try {
      await take(api.DELETE('/api/v1/sessions/current'));
    } catch (error) {
      // A session that is over already is what was wanted.
      if (!isApiError(error) || error.status !== 401) return flash.fail(t('account.signOutFailed'), error);
    }
    sessionClosed();
    void navigate('/sign-in', { replace: true });
  };

  const utilities = useMemo<TopNavigationProps.Utility[]>(() => {
    const account: TopNavigationProps.Utility = {
      type: 'menu-dropdown',
      text: me.user.name,
      title: me.account.name,
      description: me.user.email ?? me.account.name,
      iconName: 'user-profile',
      items: [
        { id: 'keys', text: t('nav.accessKeys') },
        { id: 'bill', text: t('nav.bill') },
        { id: 'sign-out', text: t('account.signOut') },
      ],
    };
    if (me.projects.length < 2) return [account];
    const region: TopNavigationProps.Utility = {
      type: 'menu-dropdown',
      text: project.region,
      title: t('top.regionTitle'),
      ariaLabel: t('top.region', { now: project.region }),
      iconName: 'location-pin',
      items: me.projects.map((p) => ({ id: p.region, text: p.region, iconName: p.id === project.id ? ('check' as const) : undefined })),
    };
    return [region, account];
  }, [me, project, t]);

  const act: Record<string, () => void> = {
    keys: () => void navigate(path('/access-keys')),
    bill: () => void navigate(path('/bill')),
    'sign-out': () => void signOut(),
  };

  return (
    <TopBar
      home={path('/')}
      utilities={utilities.map((u) =>
        u.type !== 'menu-dropdown'
          ? u
          : {
              ...u,
              onItemClick: ({ detail }) => {
                if (u.iconName === 'location-pin') {
                  params.set('region', detail.id);
                  setParams(params);
                } else act[detail.id]?.();
              },
            },
      )}
    />
  );
}
