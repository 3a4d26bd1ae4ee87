// Keys and small comforts. Every page works without this file: each key has a control on the page.
"use strict";
(() => {
  const OFF = "attune-keys-off"; // in this browser: single keys are switched off
  const PLACE = "attune-place"; // where the person was when a form was sent

  const read = (store, name) => { try { return store.getItem(name); } catch { return null; } };
  const write = (store, name, text) => { try { store.setItem(name, text); } catch { /* private window */ } };
  const areKeysOn = () => read(localStorage, OFF) !== "1";

  // ---- rows: j and k move through the rows of all lists of the page, in their order
  const listRows = () => {
    const marked = document.querySelectorAll("main [data-rows]");
    const lists = marked.length ? marked : document.querySelectorAll("main table");
    const rows = [...lists].flatMap((list) => [...list.querySelectorAll("tbody tr, [data-row]")]);
    return rows.filter((row) => row.querySelector("a, button, input:not([type=hidden])") && row.offsetParent !== null);
  };
  const findRow = () => document.activeElement?.closest("main tr, main [data-row]");
  const moveRow = (step) => {
    const rows = listRows();
    if (!rows.length) return;
    const at = rows.indexOf(findRow());
    const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, at + step))];
    const target = next.querySelector("a, button, input:not([type=hidden])");
    target.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  const pressInRow = (selector) => findRow()?.querySelector(selector)?.click();

  const KEYS = {
    "/": () => document.getElementById("find")?.focus(),
    j: () => moveRow(1),
    k: () => moveRow(-1),
    o: () => { if (findRow()) pressInRow("[data-key=o], .act .btn"); else document.querySelector(".answer [data-key=o]")?.click(); },
    x: () => pressInRow("[data-key=x], input[type=checkbox]"),
    u: () => document.querySelector("[data-key=u]")?.click(),
    "?": () => { location.href = "/keys"; },
  };
  const isTyping = (node) => node.matches?.("textarea, select, input:not([type=checkbox], [type=radio]), [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.id === "find") event.target.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !areKeysOn()) return;
    const act = KEYS[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  // ---- forms: sent once; the place of the person is found again on the page that follows
  const listForms = (action) => [...document.querySelectorAll("main form")].filter((form) => form.getAttribute("action") === action);
  const nameOf = (node) => [node.name, node.value, node.textContent].join("|"); // another control in its position is another one
  const readHeading = () => document.querySelector("main h1")?.textContent;
  const describe = (node) => {
    if (!node || node === document.body) return null;
    if (node.id) return { id: node.id };
    const action = node.form?.getAttribute("action");
    return node.form ? { action, nth: listForms(action).indexOf(node.form), index: [...node.form.elements].indexOf(node), name: nameOf(node) } : null;
  };
  const findAgain = (place) => {
    if (!place) return null;
    if (place.id) return document.getElementById(place.id);
    const node = listForms(place.action)[place.nth]?.elements[place.index];
    return node && nameOf(node) === place.name ? node : null;
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.method === "post") form.dataset.sent = "1";
    if (form.dataset.top !== undefined) return; // the answer is at the top of the page that follows
    const place = { path: location.pathname, heading: readHeading(), y: scrollY, focus: describe(event.submitter || document.activeElement) };
    write(sessionStorage, PLACE, JSON.stringify(place));
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
  const returnToPlace = () => {
    const place = JSON.parse(read(sessionStorage, PLACE) || "null");
    try { sessionStorage.removeItem(PLACE); } catch { /* private window */ }
    const errors = document.querySelector(".errors[tabindex]");
    if (errors) { errors.focus(); return; }
    const target = location.hash ? document.getElementById(location.hash.slice(1)) : null;
    if (target?.matches("input, select")) { target.focus(); return; } // such as the field that is still empty
    if (!place || place.path !== location.pathname || place.heading !== readHeading()) return;
    scrollTo(0, place.y);
    findAgain(place.focus)?.focus({ preventScroll: true });
  };

  // ---- wishes: the suggestions are those of the chosen column
  const fitSuggestions = (select) => {
    const input = document.getElementById(select.dataset.values);
    if (input) input.setAttribute("list", select.value ? `codes-${select.value}` : "codes-all");
  };
  for (const select of document.querySelectorAll("select[data-values]")) {
    fitSuggestions(select);
    select.addEventListener("change", () => fitSuggestions(select));
  }

  // ---- filters that a change applies
  for (const select of document.querySelectorAll("form[method=get] select[data-submit]")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }

  // ---- the switch of the page of keys
  const keySwitch = document.getElementById("keys-switch");
  const showSwitch = () => {
    keySwitch.textContent = areKeysOn() ? "Switch single keys off" : "Switch single keys on";
    document.getElementById("keys-state").textContent = areKeysOn() ? "Single keys are on in this browser." : "Single keys are off in this browser.";
  };
  if (keySwitch) {
    keySwitch.hidden = false;
    keySwitch.addEventListener("click", () => { write(localStorage, OFF, areKeysOn() ? "1" : "0"); showSwitch(); });
    showSwitch();
  }
  returnToPlace();
})();
