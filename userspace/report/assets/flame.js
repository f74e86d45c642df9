/* Zoom and search of every flamegraph in the document. Click: zoom. /: type a search, Enter or Escape
 * ends it. Escape: everything back. Works in a page and in an SVG file of its own.
 */
(function () {
  "use strict";
  var LEFT = 10, WIDTH = 1180, CHAR = 6.6, active = null;

  function Graph(svg) {
    var self = this;
    this.svg = svg;
    this.info = svg.querySelector(".info");
    this.match = svg.querySelector(".match");
    this.typed = null;
    this.frames = [].map.call(svg.querySelectorAll(".frames > g"), function (g) {
      var rect = g.querySelector("rect"), title = g.querySelector("title").textContent;
      var frame = {
        g: g, rect: rect, text: g.querySelector("text"), title: title,
        name: title.replace(/ (\[[^\]]*\] )?\([^()]*\)$/, ""),
        x: +rect.getAttribute("x"), y: +rect.getAttribute("y"), w: +rect.getAttribute("width")
      };
      g.addEventListener("click", function () { self.zoom(frame); });
      g.addEventListener("mouseenter", function () { self.say(title); });
      g.addEventListener("mouseleave", function () { self.say(""); });
      return frame;
    });
    this.button(".reset", function () { self.reset(); });
    this.button(".search", function (event) { self.ask(event); });
    svg.addEventListener("mouseenter", function () { active = self; });
  }

  Graph.prototype.button = function (selector, action) {
    var self = this, g = this.svg.querySelector(selector);
    g.addEventListener("click", function (event) { active = self; action(event); });
    g.addEventListener("keydown", function (event) {
      if (event.key === "Enter") { active = self; action(event); event.stopPropagation(); }
    });
  };

  Graph.prototype.say = function (words) {
    if (this.typed === null) this.info.textContent = words;
  };

  /* Frames below the target in the stack keep the full width; those beside it go. */
  Graph.prototype.zoom = function (target) {
    var x0 = target ? target.x : LEFT, w0 = target ? target.w : WIDTH, y0 = target ? target.y : 1e9;
    this.frames.forEach(function (f) {
      var ancestor = f.y > y0 && f.x <= x0 + 0.02 && f.x + f.w >= x0 + w0 - 0.02;
      var inside = f.y <= y0 && f.x >= x0 - 0.02 && f.x + f.w <= x0 + w0 + 0.02;
      var x = ancestor ? LEFT : LEFT + (f.x - x0) * WIDTH / w0;
      var w = ancestor ? WIDTH : f.w * WIDTH / w0;
      f.g.classList.toggle("gone", !ancestor && !inside);
      f.g.classList.toggle("dim", ancestor && !!target);
      f.rect.setAttribute("x", x);
      f.rect.setAttribute("width", w);
      f.text.setAttribute("x", x + 3);
      f.text.textContent = fit(f.name, w);
    });
  };

  function fit(name, width) {
    var room = Math.floor((width - 6) / CHAR), chars = Array.from(name);
    if (room < 3) return "";
    return chars.length <= room ? name : chars.slice(0, room - 1).join("") + "\u2026";
  }

  /* Nested hits are counted once: only the part of the width not yet covered by an outer one. */
  Graph.prototype.search = function (word) {
    var hits = [], covered = 0, end = -1, test = matcher(word);
    this.frames.forEach(function (f) {
      var hit = word !== "" && test(f.name);
      f.g.classList.toggle("hit", hit);
      if (hit) hits.push(f);
    });
    hits.sort(function (a, b) { return a.x - b.x || b.w - a.w; });
    hits.forEach(function (f) {
      var right = f.x + f.w;
      if (right > end) { covered += right - Math.max(end, f.x); end = right; }
    });
    this.match.textContent = word === "" ? "" : "matched " + (100 * covered / WIDTH).toFixed(1) + " %";
    return hits.length;
  };

  function matcher(word) {
    try {
      var re = new RegExp(word, "i");
      return function (name) { return re.test(name); };
    } catch (e) {
      return function (name) { return name.toLowerCase().indexOf(word.toLowerCase()) >= 0; };
    }
  }

  Graph.prototype.ask = function (event) {
    if (event && event.pointerType === "touch") {
      this.search(window.prompt("Function (regular expression)", "") || "");
      return;
    }
    this.typed = "";
    this.info.textContent = "search: \u2588";
  };

  Graph.prototype.type = function (event) {
    if (event.key === "Enter" || event.key === "Escape") {
      if (event.key === "Escape") this.search("");
      this.typed = null;
      this.info.textContent = "";
    } else {
      if (event.key === "Backspace") this.typed = this.typed.slice(0, -1);
      else if (event.key.length === 1) this.typed += event.key;
      else return;
      this.info.textContent = "search: " + this.typed + "\u2588";
      this.search(this.typed);
    }
    event.preventDefault();
  };

  Graph.prototype.reset = function () {
    this.typed = null;
    this.info.textContent = "";
    this.search("");
    this.zoom(null);
  };

  document.addEventListener("keydown", function (event) {
    if (!active || event.ctrlKey || event.altKey || event.metaKey) return;
    if (active.typed !== null) active.type(event);
    else if (event.key === "/") { active.ask(null); event.preventDefault(); }
    else if (event.key === "Escape") active.reset();
  });

  function start() {
    var graphs = [].map.call(document.querySelectorAll("svg.flame"), function (svg) {
      return new Graph(svg);
    });
    if (graphs.length === 1) active = graphs[0];
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
