import '@cloudscape-design/global-styles/index.css';
import './console.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router/dom';
import { QueryClientProvider } from '@tanstack/react-query';
import { queryClient } from './api/queries';
import { loadTexts, PreferencesProvider, readPreferences } from './app/preferences';
import { router } from './app/router';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

const texts = await loadTexts(readPreferences().language);

createRoot(root).render(
  <StrictMode>
    <PreferencesProvider initial={texts}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </PreferencesProvider>
  </StrictMode>,
);
