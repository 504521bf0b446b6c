// The name under which somebody decides things here, kept in this browser.
const KEY = "hotline-name";

export function recall() {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

export function remember(name) {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // Private windows may refuse; then the name is asked for each time.
  }
}
