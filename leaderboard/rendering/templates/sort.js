for (const table of document.querySelectorAll("table.board")) {
  const body = table.querySelector("tbody.generators");
  const original = [...body.rows];
  const heads = [...table.querySelectorAll("th[data-column]")];
  const key = (row, column) => {
    const cell = row.querySelector(`[data-cell="${column}"]`);
    return cell && cell.dataset.order !== undefined ? Number(cell.dataset.order) : null;
  };
  const sorted = (column, sign) =>
    [...original].sort((a, b) => {
      const [x, y] = [key(a, column), key(b, column)];
      return x === null || y === null ? (x === null) - (y === null) : sign * (x - y);
    });
  for (const head of heads) {
    const button = document.createElement("button");
    button.type = "button";
    const rest = () => {
      button.textContent = "sort";
      button.setAttribute("aria-label", `Sort by ${head.dataset.name}`);
    };
    rest();
    button.addEventListener("click", () => {
      const best = head.dataset.direction === "higher" ? "descending" : "ascending";
      const isOn = head.hasAttribute("aria-sort");
      for (const other of heads) {
        other.removeAttribute("aria-sort");
        other.querySelector("button").textContent = "sort";
      }
      if (isOn) {
        body.append(...original);
        rest();
        return;
      }
      head.setAttribute("aria-sort", best);
      button.textContent = "suite's order";
      button.setAttribute("aria-label", `Back to the suite's order, from ${head.dataset.name}`);
      body.append(...sorted(head.dataset.column, best === "descending" ? -1 : 1));
    });
    head.append(button);
  }
}
