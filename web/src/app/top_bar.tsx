import { useNavigate } from 'react-router';
import TopNavigation, { type TopNavigationProps } from '@cloudscape-design/components/top-navigation';
import { languages, isLanguage } from '../i18n/dictionary';
import { offset, type Zone } from '../format/time';
import { usePreferences, type Theme } from './preferences';

interface Props {
  /** What follows language, zone and theme: the region and the account once signed in. */
  utilities?: readonly TopNavigationProps.Utility[];
  home: string;
}

const zones: readonly Zone[] = ['local', 'utc', 'billing'];
const themes: readonly Theme[] = ['system', 'light', 'dark'];

export function TopBar({ utilities = [], home }: Props) {
  const { preferences, change, t } = usePreferences();
  const navigate = useNavigate();
  const chosen = (is: boolean) => (is ? ('check' as const) : undefined);

  return (
    <div id="top" className="top-bar">
      <TopNavigation
        visualContext="none"
        identity={{
          href: home,
          title: t('app.name'),
          logo: { src: '/favicon.svg', alt: '' },
          onFollow: (event) => {
            event.preventDefault();
            void navigate(home);
          },
        }}
        utilities={[
          {
            type: 'menu-dropdown',
            text: languages[preferences.language],
            ariaLabel: t('top.language', { now: languages[preferences.language] }),
            title: t('top.languageTitle'),
            iconName: 'globe',
            items: Object.entries(languages).map(([id, text]) => ({ id, text, lang: id, iconName: chosen(id === preferences.language) })),
            onItemClick: ({ detail }) => isLanguage(detail.id) && change({ language: detail.id }),
          },
          {
            type: 'menu-dropdown',
            text: t(`zone.${preferences.zone}.short`),
            ariaLabel: t('top.zone', { now: t(`zone.${preferences.zone}`) }),
            title: t('top.zoneTitle'),
            iconName: 'calendar',
            items: zones.map((id) => ({ id, text: `${t(`zone.${id}`)} (${offset(new Date(), id)})`, iconName: chosen(id === preferences.zone) })),
            onItemClick: ({ detail }) => change({ zone: detail.id as Zone }),
          },
          {
            type: 'menu-dropdown',
            text: t(`theme.${preferences.theme}`),
            ariaLabel: t('top.theme', { now: t(`theme.${preferences.theme}`) }),
            title: t('top.themeTitle'),
            iconName: 'light-dark',
            items: themes.map((id) => ({ id, text: t(`theme.${id}`), iconName: chosen(id === preferences.theme) })),
            onItemClick: ({ detail }) => change({ theme: detail.id as Theme }),
          },
          ...utilities,
        ]}
      />
    </div>
  );
}
