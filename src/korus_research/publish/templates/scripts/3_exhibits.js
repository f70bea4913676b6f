// For each figure and table: its data copied, a figure as PNG, how to cite it.
{
  const tidy = (text) => text.replace(/\s+/g, " ").trim();
  const titleOf = (figure) => tidy((figure.querySelector(".title p, .title, caption .stay")?.textContent ?? ""));
  const labelOf = (figure) => tidy(figure.querySelector(".label").textContent);
  const nameOf = (figure) => tidy(titleOf(figure).replace(labelOf(figure), ""));

  const dataOf = (figure) => {
    const data = figure.querySelector("template.data");
    if (data) return data.content.textContent;
    const { rows } = figure.querySelector("table");
    return [...rows].map((row) => [...row.cells].map((cell) => tidy(cell.textContent)).join("\t")).join("\n");
  };

  const citation = (figure) => {
    const address = location.protocol.startsWith("http") ? ` ${location.href.split("#")[0]}#${figure.id}` : "";
    return `“${nameOf(figure)}”, ${labelOf(figure)}. ${document.getElementById("pop").dataset.cite}${address}`;
  };

  // The drawing that is shown, with the colours and letters that the page gives it.
  const drawing = (figure) => {
    const both = [...figure.querySelectorAll(".paper svg")];
    const shown = both.find((svg) => svg.getBoundingClientRect().width) ?? both[0];
    const copied = shown.cloneNode(true);
    const from = [shown, ...shown.querySelectorAll("*")], to = [copied, ...copied.querySelectorAll("*")];
    from.forEach((element, i) => {
      if (element.closest("defs")) return; // what is drawn by reference takes its colours where it is drawn
      const style = getComputedStyle(element);
      for (const key of ["fill", "stroke", "stop-color", "font-family", "font-size", "font-weight", "opacity", "display"]) {
        to[i].style.setProperty(key, style.getPropertyValue(key));
      }
    });
    const faces = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).filter((rule) => rule instanceof CSSFontFaceRule);
    const look = document.createElementNS(copied.namespaceURI, "style");
    look.textContent = faces.map((rule) => rule.cssText).join("");
    copied.prepend(look);
    const { width, height } = shown.viewBox.baseVal;
    copied.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copied.setAttribute("width", width);
    copied.setAttribute("height", height);
    return { text: new XMLSerializer().serializeToString(copied), width, height };
  };

  // Lines of text no wider than the picture.
  const lines = (pen, text, wide) => tidy(text).split(" ").reduce((all, next) => {
    const last = all.at(-1) ? `${all.at(-1)} ${next}` : next;
    return pen.measureText(last).width > wide && all.at(-1) ? [...all, next] : [...all.slice(0, -1), last];
  }, [""]);

  const picture = async (figure) => {
    const { text, width, height } = drawing(figure);
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    const look = getComputedStyle(document.body), family = getComputedStyle(figure.querySelector(".label")).fontFamily;
    const canvas = document.createElement("canvas"), pen = canvas.getContext("2d"), edge = 18, scale = 2;
    const write = [
      [`600 15px ${family}`, nameOf(figure), 20, look.color],
      [`13px ${family}`, figure.querySelector(".subtitle")?.textContent ?? "", 18, look.color],
      null,
      [`12px ${family}`, `${figure.querySelector(".source").textContent.trim().replace(/^(\S+)/, "$1:")} ${document.title}`, 17, look.color],
    ].map((part) => {
      if (!part || !tidy(part[1])) return part && { rows: [] };
      pen.font = part[0];
      return { font: part[0], rows: lines(pen, part[1], width), step: part[2], colour: part[3] };
    });
    const tall = write.reduce((sum, part) => sum + (part ? part.rows.length * part.step || 0 : height + 16), 2 * edge);
    canvas.width = (width + 2 * edge) * scale;
    canvas.height = tall * scale;
    pen.scale(scale, scale);
    pen.fillStyle = look.backgroundColor;
    pen.fillRect(0, 0, canvas.width, canvas.height);
    let top = edge;
    for (const part of write) {
      if (!part) { pen.drawImage(image, edge, top + 8, width, height); top += height + 16; continue; }
      pen.font = part.font;
      pen.fillStyle = part.colour;
      for (const row of part.rows) { pen.fillText(row, edge, top + part.step * 0.75); top += part.step; }
    }
    const link = document.createElement("a");
    link.href = canvas.toDataURL("image/png");
    link.download = `${figure.id}.png`;
    link.click();
  };

  // The data of a figure as a table in its place, made when it is first asked for.
  const table = (figure, button) => {
    let shown = figure.querySelector(".asked");
    if (!shown) {
      const made = document.createElement("table");
      dataOf(figure).split("\n").forEach((line, i) => {
        const row = (i ? made.tBodies[0] ?? made.createTBody() : made.createTHead()).insertRow();
        line.split("\t").forEach((text, j) => {
          const cell = document.createElement(i && j ? "td" : "th");
          cell.textContent = text;
          if (i && j && /^[-\u2212+]?[\d.,]+$/.test(text)) cell.className = "num";
          if (!i || !j) cell.scope = i ? "row" : "col";
          row.append(cell);
        });
      });
      Object.assign(made.createCaption(), { className: "unseen", textContent: `${labelOf(figure)}: ${nameOf(figure)}` });
      shown = Object.assign(document.createElement("div"), { className: "asked scroll", role: "region", tabIndex: 0 });
      shown.setAttribute("aria-label", `${labelOf(figure)}, ${button.textContent}`);
      shown.append(made);
      figure.querySelector(".paper").after(shown);
    }
    button.setAttribute("aria-pressed", figure.classList.toggle("as-table"));
  };

  const does = {
    table,
    copy: async (figure, button) => { if (await copy(dataOf(figure))) say(button.dataset.done); },
    picture,
    cite: async (figure, button) => {
      const text = citation(figure);
      if (POPS) pop(button, [Object.assign(document.createElement("p"), { textContent: text })]);
      if (await copy(text)) say(button.dataset.done);
    },
  };
  const buttons = document.getElementById("tools").content;
  for (const place of document.querySelectorAll(".tools")) {
    const figure = place.closest("figure");
    place.append(buttons.cloneNode(true));
    const drawn = figure.querySelector(".paper svg"), data = figure.querySelector("template.data");
    if (!drawn) place.querySelector("[data-does=picture]").remove();
    if (!drawn || !data) place.querySelector("[data-does=table]").remove();
    if (drawn && !data) place.querySelector("[data-does=copy]").remove();
    place.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) does[button.dataset.does](figure, button);
    });
  }
}
