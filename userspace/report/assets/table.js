/* Tables of class "sort": a column's title sorts by it, numbers from the largest down, and once more the other way.
 * A last row that is a sum of others (its first cell is muted) stays the last.
 */
(function () {
  "use strict";
  function value(row, column) {
    var text = row.cells[column].textContent.trim(), number = parseFloat(text);
    return isNaN(number) ? text : number;
  }

  function compare(a, b) {
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
  }

  function sort(table, heads, column) {
    var head = heads[column], down = head.getAttribute("aria-sort") === "descending";
    var ascending = head.hasAttribute("aria-sort") ? down : !head.classList.contains("num");
    var body = table.tBodies[0], rows = [].slice.call(body.rows), last = rows[rows.length - 1];
    var fixed = last && last.cells[0].classList.contains("muted") ? rows.pop() : null;
    rows.sort(function (a, b) {
      var order = compare(value(a, column), value(b, column));
      return ascending ? order : -order;
    });
    if (fixed) rows.push(fixed);
    rows.forEach(function (row) { body.appendChild(row); });
    heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  }

  [].forEach.call(document.querySelectorAll("table.sort"), function (table) {
    var heads = [].slice.call(table.tHead.rows[0].cells);
    heads.forEach(function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.textContent = "";
      head.appendChild(button);
      button.addEventListener("click", function () { sort(table, heads, column); });
    });
  });
})();
