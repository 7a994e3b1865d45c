/**
 * Where the API key stays. By default only in this tab (`sessionStorage`): the machines in wards and labs are
 * shared, and closing the tab must be enough to sign out. Whoever asks to stay signed in has it kept on this
 * computer (`localStorage`). It is never a cookie, so no other site can make the browser send it.
 */
const NAME = "smallest-key";

export function storedKey(): string | null {
  return sessionStorage.getItem(NAME) ?? localStorage.getItem(NAME);
}

export function keepKey(key: string, onThisComputer: boolean): void {
  forgetKey();
  (onThisComputer ? localStorage : sessionStorage).setItem(NAME, key);
}

export function isKeptOnThisComputer(): boolean {
  return localStorage.getItem(NAME) !== null;
}

export function forgetKey(): void {
  sessionStorage.removeItem(NAME);
  localStorage.removeItem(NAME);
}

/** The one-time token of a setup link (`/#setup=TOKEN`). A fragment never reaches a server's log. */
export function takeSetupToken(): string | null {
  const token = /^#setup=(.+)$/.exec(location.hash)?.[1];
  if (token === undefined) return null;
  // Gone from the address bar and the history: it must not be found there later.
  history.replaceState(null, "", location.pathname);
  return decodeURIComponent(token);
}
