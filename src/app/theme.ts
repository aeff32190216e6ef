/** Light or dark: the reader's choice, else the system's. */
const KEY = 'glimpse.theme';

type Theme = 'light' | 'dark';

function kept(): Theme | undefined {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : undefined;
  } catch {
    // Storage may be forbidden; the system's theme will do.
    return undefined;
  }
}

/** Takes up the reader's earlier choice; before the page is drawn, so that nothing flashes. */
export function restoreTheme(): void {
  const theme = kept();
  if (theme) document.documentElement.dataset['theme'] = theme;
}

export function toggleTheme(): void {
  const { dataset } = document.documentElement;
  const dark = dataset['theme'] ? dataset['theme'] === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  const next: Theme = dark ? 'light' : 'dark';
  dataset['theme'] = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // Not kept; it holds until the page is left.
  }
}
