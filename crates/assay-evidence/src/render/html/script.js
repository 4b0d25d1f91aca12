"use strict";
(() => {
  const byId = (id) => document.getElementById(id);

  const theme = document.querySelector(".theme");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const root = document.documentElement;
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    const now = root.dataset.theme || system;
    root.dataset.theme = now === "dark" ? "light" : "dark";
  });

  // The clipboard is there only on pages from a server or a file that the user opened.
  if (navigator.clipboard) {
    for (const command of document.querySelectorAll(".command")) {
      const text = command.textContent;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Copy";
      button.addEventListener("click", () => {
        navigator.clipboard.writeText(text).then(
          () => { button.textContent = "Copied"; },
          () => { button.textContent = "Failed"; },
        );
      });
      command.append(button);
    }
  }

  const form = document.querySelector(".filters");
  if (!form) {
    return;
  }
  const rows = [...document.querySelectorAll("#sites .matrix tbody tr")].map((row) => ({
    row,
    text: row.querySelector("th").textContent.toLowerCase(),
    state: row.dataset.state,
    kind: row.dataset.kind,
    layers: new Set(row.dataset.layers.split(" ")),
  }));

  const matches = (entry, words, state, layer, kind) => {
    const executed = layer.startsWith("!")
      ? !entry.layers.has(layer.slice(1))
      : layer === "" || entry.layers.has(layer);
    return executed
      && (state === "" || entry.state === state)
      && (kind === "" || entry.kind === kind)
      && words.every((word) => entry.text.includes(word));
  };

  const apply = () => {
    const words = byId("f-text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const [state, layer, kind] = ["f-state", "f-layer", "f-kind"].map((id) => byId(id).value);
    let shown = 0;
    for (const entry of rows) {
      const show = matches(entry, words, state, layer, kind);
      entry.row.hidden = !show;
      shown += show ? 1 : 0;
    }
    byId("f-count").textContent = `${shown} of ${rows.length} sites`;
    document.querySelector(".none").hidden = shown > 0;
  };

  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  // The fields are empty only after the event.
  form.addEventListener("reset", () => setTimeout(apply));
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      byId("f-text").focus();
    }
  });
  // A link from a finding must reach its row even while a filter hides it.
  addEventListener("hashchange", () => {
    const target = byId(location.hash.slice(1));
    if (target?.hidden) {
      form.reset();
      setTimeout(() => target.scrollIntoView());
    }
  });
  form.hidden = false;
  apply();
})();
