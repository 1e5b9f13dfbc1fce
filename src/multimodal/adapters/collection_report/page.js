"use strict";
// The table: sorts and filters all captures, and draws only the rows that are in view.
(async () => {
  const $ = (id) => document.getElementById(id);
  const packed = Uint8Array.from(atob($("data").textContent), (letter) => letter.charCodeAt(0));
  const data = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
  const MARGIN = 12, PRINTED = 200, NONE = -3;
  const scroll = $("scroll"), table = $("table"), body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  const models = data.models, total = data.file.length;
  const state = { text: "", issue: "", verdicts: new Set(), unit: "value", column: "", down: false, shown: null };
  const names = data.file.map((file, i) => data.folders[data.folder[i]][0] + file);
  const lower = names.map((name) => name.toLowerCase());
  const label = (m, i) => m.label.charCodeAt(i) - 48;
  const verdict = (i) => data.verdict.charCodeAt(i) - 48;
  const format = (n) => n.toLocaleString("en");
  const rejected = (i) => models.filter((m) => m.accepted[label(m, i)] === false).map((m) => m.words[label(m, i)]);
  const why = (i) => data.failures[i] ?? rejected(i).join(", ");
  const figure = (v) => v === null ? "" : Math.abs(v) >= 1000 ? format(Math.round(v)) : String(Number(v.toPrecision(3)));
  const number = (m, i) => {
    if (state.unit === "score" || !m.value) return m.score[i] === null ? NaN : m.score[i] / 1000;
    return m.value[i] ?? NaN;
  };

  // Sorting: one key a row and column, made when it is first asked for. What has no value stands last.
  const keys = {
    name: () => ranks(lower),
    verdict: () => Float64Array.from(names, (_, i) => verdict(i)),
    why: () => ranks(names.map((_, i) => why(i)), true),
    size: () => Float64Array.from(names, (_, i) => data.width[i] * data.height[i] || NaN),
  };
  const ranks = (texts, emptyLast) => {
    const order = Uint32Array.from(texts, (_, i) => i).sort(by(texts)), rank = new Float64Array(texts.length);
    order.forEach((i, place) => { rank[i] = emptyLast && !texts[i] ? NaN : place && texts[i] === texts[order[place - 1]] ? rank[order[place - 1]] : place; });
    return rank;
  };
  const by = (texts) => {
    const compare = new Intl.Collator("en", { numeric: true }).compare;
    return (a, b) => compare(texts[a], texts[b]) || a - b;
  };
  const sortKey = (column) => keys[column] ? keys[column]() : Float64Array.from(names, (_, i) => number(models[column], i));
  const sorted = (rows) => {
    if (!state.column) return rows;
    const key = sortKey(state.column), sign = state.down ? -1 : 1;
    return rows.sort((a, b) => {
      const x = key[a], y = key[b];
      if (x !== x || y !== y) return (x !== x) - (y !== y) || a - b;
      return sign * (x - y) || a - b;
    });
  };

  // Filtering
  const ofIssue = (issue) => {
    const finding = data.findings.find((f) => f.key === issue);
    if (finding) { const rows = new Set(finding.rows); return (i) => rows.has(i); }
    const [model, wanted] = issue.split(":").map(Number);
    return (i) => label(models[model], i) === wanted;
  };
  const filtered = () => {
    const has = state.issue ? ofIssue(state.issue) : () => true, text = state.text.toLowerCase();
    const rows = [];
    for (let i = 0; i < total; i++)
      if ((!state.verdicts.size || state.verdicts.has(verdict(i))) && (!text || lower[i].includes(text)) && has(i)) rows.push(i);
    return Uint32Array.from(rows);
  };

  // Drawing
  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const nameCell = (i) => {
    const cell = element("th", "name"), [folder, href] = data.folders[data.folder[i]];
    cell.scope = "row"; cell.title = names[i];
    const linked = href !== null && !(i in data.whole), inside = element(linked ? "a" : "span", "path");
    if (linked) inside.href = href + encodeURIComponent(data.file[i]);
    cell.append(inside);
    inside.append(element("span", "", folder), element("b", "", data.file[i]));
    return cell;
  };
  const row = (i, place) => {
    const tr = element("tr"), state_ = element("td"), reason = element("td", "why", why(i));
    tr.setAttribute("aria-rowindex", place + 2);
    state_.append(element("i", data.verdicts[verdict(i)][0]), data.verdicts[verdict(i)][1]);
    reason.title = reason.textContent;
    tr.append(nameCell(i), state_, reason, element("td", "n", data.width[i] ? `${data.width[i]} × ${data.height[i]}` : ""));
    for (const m of models) {
      const code = label(m, i), accepted = m.accepted[code], value = number(m, i);
      const cell = element("td", "n" + (accepted === false ? " bad" : accepted === null && code !== NONE ? " cannot_tell" : ""), value === value ? figure(value) : "");
      if (code !== NONE) cell.title = `${m.words[code]}, score ${m.score[i] / 1000}`;
      tr.append(cell);
    }
    return tr;
  };
  const gap = (height) => {
    const tr = element("tr", "gap"), td = element("td");
    td.colSpan = heads.length; td.style.height = `${height}px`; tr.setAttribute("aria-hidden", "true");
    tr.append(td);
    return tr;
  };
  let height = 35, drawn = "", printing = false;
  const draw = (from, to) => {
    const rows = [];
    for (let k = from; k < to; k++) rows.push(row(state.shown[k], k));
    body.replaceChildren(...(from ? [gap(from * height)] : []), ...rows, ...(to < state.shown.length ? [gap((state.shown.length - to) * height)] : []));
  };
  const view = () => {
    const first = Math.floor(scroll.scrollTop / height), many = Math.ceil(scroll.clientHeight / height);
    const from = Math.max(0, first - MARGIN), to = Math.min(state.shown.length, first + many + MARGIN);
    if (printing || drawn === `${from} ${to}`) return;
    drawn = `${from} ${to}`;
    const held = document.activeElement, link = body.contains(held) ? held.getAttribute("href") : null;
    draw(from, to);
    if (link !== null) ([...body.querySelectorAll("a")].find((a) => a.getAttribute("href") === link) ?? scroll).focus({ preventScroll: true });
  };
  const refresh = () => {
    state.shown = sorted(filtered());
    table.setAttribute("aria-rowcount", state.shown.length + 1);
    $("shown").textContent = state.shown.length === total ? `${format(total)} captures` : `${format(state.shown.length)} of ${format(total)} captures`;
    for (const head of heads) head.setAttribute("aria-sort", head.dataset.column === state.column ? (state.down ? "descending" : "ascending") : "none");
    for (const card of document.querySelectorAll("[data-issue]"))
      card.classList.contains("card") && (card.dataset.issue === state.issue ? card.setAttribute("aria-current", "true") : card.removeAttribute("aria-current"));
    for (const button of $("verdicts").querySelectorAll("button")) button.setAttribute("aria-pressed", state.verdicts.has(Number(button.value)));
    $("issue").value = state.issue; $("text").value = state.text; $("unit").value = state.unit;
    scroll.scrollTop = 0; drawn = "";
    view();
  };

  // What the reader does
  const sortBy = (column) => {
    if (state.column !== column) [state.column, state.down] = [column, false];
    else if (!state.down) state.down = true;
    else [state.column, state.down] = ["", false];
    refresh();
  };
  const csv = (text) => {
    const safe = /^[=+\-@\t\r]/.test(text) ? "./" + text : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const path = (i) => data.whole[i] ?? names[i];
  const exported = () => {
    const columns = models.flatMap((m) => [`${m.name}_label`, `${m.name}_score`, ...(m.value ? [`${m.name}_value`] : [])]);
    const lines = [["path", "verdict", ...columns, "failure"].join(",")];
    for (const i of state.shown) {
      const cells = models.flatMap((m) => [m.labels[label(m, i)] ?? "", m.score[i] === null ? "" : m.score[i] / 1000, ...(m.value ? [m.value[i] ?? ""] : [])]);
      lines.push([csv(path(i)), data.verdicts[verdict(i)][0], ...cells.map((c) => typeof c === "number" ? c : csv(c)), csv(data.failures[i] ?? "")].join(","));
    }
    return lines.join("\n") + "\n";
  };
  const download = () => {
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([exported()], { type: "text/csv;charset=utf-8" }));
    link.download = "captures.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  const copy = async () => {
    const text = [...state.shown].map((i) => csv(path(i))).join("\n") + "\n";
    try { await navigator.clipboard.writeText(text); } catch { copyOldWay(text); }
    $("copy").textContent = "Copied";
    setTimeout(() => { $("copy").textContent = "Copy names"; }, 1500);
  };
  const copyOldWay = (text) => {
    const area = element("textarea");
    area.value = text; document.body.append(area); area.select(); document.execCommand("copy"); area.remove();
  };
  const option = (value, text) => { const made = element("option", "", text); made.value = value; return made; };
  const fillControls = () => {
    for (const [m, model] of models.entries()) {
      const group = element("optgroup");
      group.label = model.title;
      model.words.forEach((word, code) => {
        if (model.accepted[code] !== true && model.label.includes(String.fromCharCode(48 + code))) group.append(option(`${m}:${code}`, word));
      });
      if (group.children.length) $("issue").append(group);
    }
    const others = element("optgroup");
    others.label = "in the collection";
    for (const finding of data.findings) if (finding.rows.length) others.append(option(finding.key, finding.title));
    if (others.children.length) $("issue").append(others);
    data.verdicts.forEach(([key, words], code) => {
      const button = element("button", "");
      button.type = "button"; button.value = code;
      button.append(element("i", key), words);
      button.onclick = () => { state.verdicts.delete(code) || state.verdicts.add(code); refresh(); };
      if (data.verdict.includes(String(code))) $("verdicts").append(button);
    });
    for (const head of heads) {
      const button = element("button");
      button.type = "button"; button.append(...head.childNodes); button.onclick = () => sortBy(head.dataset.column);
      head.append(button);
    }
  };
  const listen = () => {
    let waiting = 0;
    const soon = (work) => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(work); };
    scroll.addEventListener("scroll", () => requestAnimationFrame(view), { passive: true });
    new ResizeObserver(() => view()).observe(scroll);
    $("text").oninput = () => { state.text = $("text").value; soon(refresh); };
    $("issue").onchange = () => { state.issue = $("issue").value; refresh(); };
    $("unit").onchange = () => { state.unit = $("unit").value; refresh(); };
    $("controls").onsubmit = (event) => event.preventDefault();
    $("reset").onclick = () => { Object.assign(state, { text: "", issue: "", column: "", down: false }); state.verdicts.clear(); refresh(); };
    $("copy").onclick = copy; $("download").onclick = download;
    document.addEventListener("click", (event) => {
      const link = event.target.closest("[data-issue]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      state.issue = state.issue === link.dataset.issue && link.classList.contains("card") ? "" : link.dataset.issue;
      refresh();
      $("captures").scrollIntoView();
    });
    addEventListener("beforeprint", () => {
      printing = true;
      const many = Math.min(PRINTED, state.shown.length);
      body.replaceChildren(...Array.from(state.shown.subarray(0, many), row));
      $("limited").textContent = many < state.shown.length ? `The first ${format(many)} of ${format(state.shown.length)} rows.` : "";
    });
    addEventListener("afterprint", () => { printing = false; $("limited").textContent = data.note; drawn = ""; view(); });
  };

  fillControls();
  $("controls").hidden = false;
  $("limited").textContent = data.note;
  state.shown = filtered();
  refresh();
  const one = body.querySelector("tr:not(.gap)");
  if (one) { height = one.getBoundingClientRect().height || height; drawn = ""; view(); }
  listen();
})();
