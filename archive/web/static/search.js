// What the search page does faster where scripts run; without them its form and links do all of it.
"use strict";
(() => {
  const form = document.querySelector("form[data-live]");
  const box = document.getElementById("search");
  if (!form || !box) return;
  const PAUSE = 250;
  let timer = 0;
  let asked = null;
  let shown = new URLSearchParams(new FormData(form)).toString();

  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = document.activeElement;
    if (at && (at.isContentEditable || /^(input|textarea|select)$/i.test(at.tagName))) return;
    event.preventDefault();
    box.focus();
    box.select();
  });

  async function ask() {
    const fields = new URLSearchParams(new FormData(form));
    for (const [name, value] of [...fields]) if (!value.trim()) fields.delete(name);
    const wanted = fields.toString();
    if (wanted === shown) return;
    if (asked) asked.abort();
    asked = new AbortController();
    const address = wanted ? `/?${wanted}` : "/";
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { signal: asked.signal, credentials: "omit", headers: { accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const [here, there] = [document.querySelector(".found"), page.querySelector(".found")];
      if (!there) return;
      here.replaceWith(document.importNode(there, true));
      document.title = page.title;
      history.replaceState(null, "", address);
      shown = wanted;
    } catch (error) {
      if (error.name !== "AbortError") form.submit();
    } finally {
      form.removeAttribute("aria-busy");
    }
  }

  function later(event) {
    // While a Chinese word is being composed, what stands in the box is no word yet.
    if (event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  }
  form.addEventListener("input", later);
  form.addEventListener("compositionend", () => later({ isComposing: false }));
})();
