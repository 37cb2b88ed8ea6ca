// Drives the connection-lost dialog that Blazor finds by its id.
const dialog = document.getElementById("components-reconnect-modal");

dialog.addEventListener("components-reconnect-state-changed", event => {
  const state = event.detail.state;
  if (state === "show") dialog.showModal();
  else if (state === "hide") dialog.close();
  else if (state === "failed") document.addEventListener("visibilitychange", retryWhenVisible);
  else if (state === "rejected") location.reload();
});

document.getElementById("studio-reconnect-retry").addEventListener("click", retry);
document.getElementById("studio-reconnect-reload").addEventListener("click", () => location.reload());
document.getElementById("studio-error-reload").addEventListener("click", () => location.reload());

async function retry() {
  document.removeEventListener("visibilitychange", retryWhenVisible);
  try {
    // False means that the server answers but has forgotten this page: runs go on, the page starts anew.
    if (!(await Blazor.reconnect())) location.reload();
  } catch {
    document.addEventListener("visibilitychange", retryWhenVisible);
  }
}

async function retryWhenVisible() {
  if (document.visibilityState === "visible") await retry();
}
