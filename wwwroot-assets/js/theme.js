// Keeps the circuit's ThemeState in step with the page.
let listener = null;

export function connect(state) {
  disconnect();
  listener = event => state.invokeMethodAsync("Report", event.detail.preference, event.detail.dark);
  document.addEventListener("studio-theme", listener);
  window.studioTheme.apply();
  document.documentElement.dataset.circuit = "ready";
}

export function disconnect() {
  if (listener) document.removeEventListener("studio-theme", listener);
  listener = null;
}

export function setPreference(preference) {
  window.studioTheme.store(preference);
  window.studioTheme.apply();
}
