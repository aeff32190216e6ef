/** The page's language: the reader's choice, else the browser's. */
export type Language = 'en' | 'zh';

const KEY = 'glimpse.language';

function initial(): Language {
  try {
    const kept = localStorage.getItem(KEY);
    if (kept === 'en' || kept === 'zh') return kept;
  } catch {
    // Storage may be forbidden; the browser's language will do.
  }
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

const state = $state({ language: initial() });

export function language(): Language {
  return state.language;
}

export function setLanguage(next: Language): void {
  state.language = next;
  document.documentElement.lang = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // Not kept; it holds until the page is left.
  }
}

/** A text in the page's language. */
export function say(text: { readonly en: string; readonly zh: string }): string {
  return text[state.language];
}
