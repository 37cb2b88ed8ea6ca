// A file field takes dropped files by itself, but not the files of a dropped folder: those are read here and given to the field.
const named = new WeakMap();

export function takeFolders(zone) {
  if (!zone) return;
  zone.addEventListener("drop", async event => {
    const entries = [...(event.dataTransfer?.items ?? [])].map(item => item.webkitGetAsEntry?.()).filter(Boolean);
    const folder = entries.find(entry => entry.isDirectory);
    named.delete(zone);
    if (!folder) return;
    event.preventDefault();
    const files = new DataTransfer();
    for (const entry of await list(folder)) if (entry.isFile) files.items.add(await fileOf(entry));
    const input = zone.querySelector("input[type=file]");
    if (!input) return;
    named.set(zone, folder.name);
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// The name of the folder that was dropped or chosen; empty where single files were.
export function folderOf(zone) {
  const chosen = [...(zone?.querySelectorAll("input[type=file]") ?? [])].flatMap(input => [...input.files]).map(file => file.webkitRelativePath).find(Boolean);
  return chosen ? chosen.split("/")[0] : named.get(zone) ?? "";
}

async function list(folder) {
  const reader = folder.createReader(), all = [];
  // A reader gives its entries in portions, and an empty one at the end.
  for (let part; (part = await new Promise((done, failed) => reader.readEntries(done, failed))).length > 0;) all.push(...part);
  return all;
}

function fileOf(entry) {
  return new Promise((done, failed) => entry.file(done, failed));
}
