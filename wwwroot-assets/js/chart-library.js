// Loads Plotly once a page. Plotly.Blazor queues the calls of charts that come before its script; a chart that is gone when the script
// arrives then throws, and all charts behind it in the queue stay blank. Charts that wait for this promise are never queued.
let loading;

export function load(interop, script) {
  loading ??= import(new URL(interop, document.baseURI).href)
    .then(module => module.importScript("plotly-import", script))
    .catch(error => {
      loading = undefined;
      throw error;
    });
  return loading;
}
