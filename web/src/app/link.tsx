import { useNavigate, type NavigateFunction } from 'react-router';
import CloudscapeLink, { type LinkProps } from '@cloudscape-design/components/link';
import Button, { type ButtonProps } from '@cloudscape-design/components/button';
import { useSession } from './session';

/** Lets the router follow a link of the component library; a click with a modifier key stays the browser's. */
export function follow(navigate: NavigateFunction) {
  return (event: CustomEvent<{ href?: string; external?: boolean }>) => {
    if (!event.detail.href || event.detail.external) return;
    event.preventDefault();
    void navigate(event.detail.href);
  };
}

/** A link inside the console. */
export function PageLink({ to, ...rest }: Omit<LinkProps, 'href' | 'onFollow'> & { to: string }) {
  const navigate = useNavigate();
  const { path } = useSession();
  return <CloudscapeLink {...rest} href={path(to)} onFollow={follow(navigate)} />;
}

/** A button that goes to a page of the console. */
export function PageButton({ to, ...rest }: Omit<ButtonProps, 'href' | 'onFollow'> & { to: string }) {
  const navigate = useNavigate();
  const { path } = useSession();
  return <Button {...rest} href={path(to)} onFollow={follow(navigate)} />;
}
