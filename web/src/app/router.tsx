import { createBrowserRouter } from 'react-router';
import { BrokenPage } from '../pages/broken';
import { PageLoading } from '../components/page_loading';

/** Each page is a file of its own that is loaded when it is gone to. */
export const router = createBrowserRouter([
  {
    ErrorBoundary: BrokenPage,
    HydrateFallback: PageLoading,
    children: [
      { path: '/sign-in', lazy: async () => ({ Component: (await import('../pages/sign_in')).SignIn }) },
      { path: '/sign-up', lazy: async () => ({ Component: (await import('../pages/sign_up')).SignUp }) },
      { path: '/verify-email', lazy: async () => ({ Component: (await import('../pages/verify_email')).VerifyEmail }) },
      { path: '/reset-password', lazy: async () => ({ Component: (await import('../pages/reset_password')).ResetPassword }) },
      {
        lazy: async () => ({ Component: (await import('./shell')).Shell }),
        children: [
          {
            ErrorBoundary: BrokenPage,
            children: [
              { index: true, lazy: async () => ({ Component: (await import('../pages/home')).Home }) },
              { path: 'queues', lazy: async () => ({ Component: (await import('../pages/queues')).Queues }) },
              { path: 'queues/create', lazy: async () => ({ Component: (await import('../pages/create_queue')).CreateQueue }) },
              { path: 'queues/:id', lazy: async () => ({ Component: (await import('../pages/queue')).QueuePage }) },
              { path: 'access-keys', lazy: async () => ({ Component: (await import('../pages/access_keys')).AccessKeys }) },
              { path: 'bill', lazy: async () => ({ Component: (await import('../pages/bill')).BillPage }) },
              { path: '*', lazy: async () => ({ Component: (await import('../pages/not_found')).NotFound }) },
            ],
          },
        ],
      },
    ],
  },
]);
