// Before the first paint: a file of its own, because the policy of the page allows no inline scripts.
try {
  const theme = localStorage.getItem('oms.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the theme is the system's.
}
