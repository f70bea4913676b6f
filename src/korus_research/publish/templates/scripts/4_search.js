// Search over the whole page, letters in figures too, and over the titles of the other document. "/" goes there, the
// arrows go through what was found, Esc goes back. What is searched is read from the page when it is first asked for.
{
  const box = document.querySelector(".contents .find");
  const field = document.getElementById("find"), list = document.getElementById("hits"), found = document.getElementById("found");
  const SHOWN = 40, AROUND = 60;
  const alike = (text) => text.normalize("NFC").replace(/[\u2018\u2019]/g, "'").replace(/[\u201c\u201d]/g, '"')
    .replace(/\s+/g, " ").trim();
  const UNITS = "h2, h3, h4, p, li, dd, caption, tr, summary, svg";
  let places = null;

  const read = () => {
    const all = [];
    for (const section of document.querySelectorAll("main > section")) {
      const where = alike(section.querySelector("h2")?.textContent ?? "");
      for (const element of section.querySelectorAll(UNITS)) {
        const leaf = element.matches("svg, tr, caption") || !element.querySelector(UNITS);
        if (!leaf || element.closest(".tools, .turn, .trust, svg svg") || element.matches(".mark")) continue;
        const parts = element.matches("svg") ? [...element.querySelectorAll("text")] : element.matches("tr") ? [...element.cells] : [element];
        const text = alike(parts.map((part) => part.textContent).join(" · "));
        if (!text) continue;
        const label = element.closest("figure")?.querySelector(".label")?.textContent ?? "";
        all.push({ element, text, key: text.toLowerCase(), where: [where, label].filter(Boolean).join(" · "), first: element.matches("h2, h3, h4, caption, .title *") });
      }
    }
    for (const link of document.getElementById("titles").content.querySelectorAll("a")) {
      const text = alike(link.textContent);
      all.push({ link, text, key: `${text} ${link.dataset.where}`.toLowerCase(), where: link.dataset.where, first: false });
    }
    return all;
  };

  // The place nearest before an element that has an address.
  const addressOf = (element) => element.closest("[id]:not(svg, svg *, main, .scroll)")?.id ?? "report";

  const go = (place) => {
    const element = place.element;
    if (POPS && document.getElementById("contents").matches(":popover-open")) document.getElementById("contents").hidePopover();
    for (let fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    history.pushState(null, "", `#${addressOf(element)}`);
    element.scrollIntoView({ block: "center" });
    document.querySelectorAll(".hit").forEach((other) => other.classList.remove("hit"));
    element.classList.add("hit");
    const reached = element.closest("figure") ?? element;
    reached.tabIndex = -1;
    reached.focus({ preventScroll: true });
    reached.addEventListener("blur", () => reached.removeAttribute("tabindex"), { once: true });
  };

  const excerpt = (place, wanted) => {
    const at = Math.max(0, place.text.toLowerCase().indexOf(wanted[0]));
    const from = Math.max(0, at - AROUND), to = Math.min(place.text.length, at + wanted[0].length + 2 * AROUND);
    const shown = document.createElement("span");
    const mark = Object.assign(document.createElement("mark"), { textContent: place.text.slice(at, at + wanted[0].length) });
    shown.append(from ? "…" : "", place.text.slice(from, at), mark, place.text.slice(at + wanted[0].length, to), to < place.text.length ? "…" : "");
    return shown;
  };

  const row = (place, wanted) => {
    const link = Object.assign(document.createElement("a"), { href: place.link?.getAttribute("href") ?? `#${addressOf(place.element)}` });
    const where = Object.assign(document.createElement("span"), { className: "where", textContent: place.where });
    link.append(where, excerpt(place, wanted));
    if (place.element) link.addEventListener("click", (event) => { event.preventDefault(); event.stopPropagation(); go(place); });
    const item = document.createElement("li");
    item.append(link);
    return item;
  };

  const look = () => {
    places ??= read();
    const wanted = alike(field.value).toLowerCase().split(" ").filter(Boolean);
    const hits = wanted.join("").length < 2 ? [] : places.filter((place) => wanted.every((part) => place.key.includes(part)));
    hits.sort((a, b) => b.first - a.first);
    const { one, many, first, none } = found.dataset;
    const count = hits.length === 1 ? one : many.replace("{}", hits.length);
    found.textContent = wanted.join("").length < 2 ? "" : hits.length ? count + (hits.length > SHOWN ? first.replace("{}", SHOWN) : "") : none;
    list.replaceChildren(...hits.slice(0, SHOWN).map((place) => row(place, wanted)));
    list.hidden = !hits.length;
  };

  let waiting;
  field?.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(look, 80); });
  box?.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")], at = links.indexOf(document.activeElement);
    if (event.key === "ArrowDown") (links[at + 1] ?? links[at])?.focus();
    else if (event.key === "ArrowUp") (links[at - 1] ?? field).focus();
    else if (event.key === "Enter" && document.activeElement === field) { look(); list.querySelector("a")?.click(); }
    else if (event.key === "Escape" && (field.value || links.length)) { field.value = ""; look(); field.focus(); }
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !field) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    event.preventDefault();
    const contents = document.getElementById("contents");
    if (getComputedStyle(contents).display === "none") contents.showPopover();
    field.focus();
  });
  if (box) box.hidden = false;
}
