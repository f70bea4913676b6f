// What a number is, beside it instead of at the end of the annex. Its line of the list is in the page, here or unseen.
{
  const unseen = document.getElementById("numbers-here")?.content;
  const parts = (row) => [...row.cells].map((cell, i) => {
    const part = Object.assign(document.createElement(i ? "div" : "p"), { className: i ? "" : "title" });
    part.append(...cell.cloneNode(true).childNodes);
    return part;
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".f a");
    if (!link || !POPS || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const name = link.hash.slice(1);
    const row = document.getElementById(name) ?? unseen?.getElementById(name);
    if (!row) return;
    event.preventDefault();
    const more = Object.assign(document.createElement("a"), { href: link.href, textContent: word("definition") });
    pop(link, [...parts(row), more]);
  });
}
