// The playground's part in the browser: the Enter key, and what the tab keeps over a reload.
const key = "studio-playground";
// What is read travels to the server in one message, which has a limit.
const mostCharacters = 400000;

export function sendOnEnter(box) {
  box?.addEventListener("keydown", event => {
    // While an input method composes a character, Enter chooses it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    box.form.requestSubmit();
  });
}

export function load() {
  try {
    const text = sessionStorage.getItem(key);
    return text && text.length <= mostCharacters ? text : null;
  } catch {
    return null;
  }
}

export function save(text) {
  try {
    sessionStorage.setItem(key, text);
  } catch {
    // Full or forbidden: a reload then shows empty panes.
  }
}
