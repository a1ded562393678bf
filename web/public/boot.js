// Runs before the first paint, so that neither the theme nor the language flashes. The same reading of the same key is in
// src/app/preferences.tsx.
(function () {
  var stored = {};
  try {
    stored = JSON.parse(localStorage.getItem('dms.preferences') || '{}') || {};
  } catch (e) {
    stored = {};
  }
  var dark = stored.theme === 'dark' || (stored.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.body.classList.toggle('awsui-dark-mode', dark);
  document.documentElement.classList.toggle('dark', dark);
  var language = stored.language || (/^zh/i.test(navigator.language) ? 'zh-CN' : 'en');
  document.documentElement.lang = language;
})();
