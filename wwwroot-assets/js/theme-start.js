// Runs in the head, before the first paint: the page must never flash in the other theme.
(function () {
  "use strict";
  const key = "studio-theme";
  let unstored = "system";
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  function preference() {
    try {
      const stored = localStorage.getItem(key);
      return stored === "light" || stored === "dark" ? stored : "system";
    } catch {
      return unstored;
    }
  }

  function apply() {
    const chosen = preference();
    const dark = chosen === "dark" || (chosen === "system" && system.matches);
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    document.dispatchEvent(new CustomEvent("studio-theme", { detail: { preference: chosen, dark } }));
  }

  function store(chosen) {
    try {
      localStorage.setItem(key, chosen);
    } catch {
      unstored = chosen; // storage is blocked: the choice lasts as long as this page
    }
  }

  system.addEventListener("change", apply);
  window.addEventListener("storage", event => { if (event.key === key) apply(); });
  window.studioTheme = { preference, apply, store };
  apply();
})();
