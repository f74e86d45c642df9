// SPDX-License-Identifier: GPL-2.0-only
// Drives a report in headless Chromium over its debugging pipe: no package is needed. TAP on stdout.
// usage: node page.mjs CHROMIUM REPORT-DIRECTORY
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [chromium, dir] = process.argv.slice(2);
const profile = mkdtempSync(join(tmpdir(), "copyscope-browser-"));
const child = spawn(chromium, ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
	`--user-data-dir=${profile}`, "--no-first-run", "--disable-background-networking", "about:blank"],
	{ stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });

let lastId = 0, buffered = "", gone = false;
const waiting = new Map(), listeners = new Set();

child.once("exit", () => {
	gone = true;
	waiting.forEach(({ fail }) => fail(new Error("the browser ended")));
});
child.stdio[3].on("error", () => {});

child.stdio[4].on("data", (chunk) => {
	buffered += chunk.toString("utf8");
	for (let end; (end = buffered.indexOf("\0")) >= 0; buffered = buffered.slice(end + 1)) {
		const message = JSON.parse(buffered.slice(0, end));
		if (message.id && waiting.has(message.id)) {
			const { done, fail } = waiting.get(message.id);
			waiting.delete(message.id);
			message.error ? fail(new Error(message.error.message)) : done(message.result);
		} else {
			listeners.forEach((listener) => listener(message));
		}
	}
});

function call(method, params = {}, sessionId = undefined) {
	const id = ++lastId;
	child.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
	return new Promise((done, fail) => waiting.set(id, { done, fail }));
}

/* A page with what it complained about and what it asked for. */
async function open(url, { width, scheme }) {
	const { targetId } = await call("Target.createTarget", { url: "about:blank" });
	const { sessionId } = await call("Target.attachToTarget", { targetId, flatten: true });
	const page = { errors: [], requests: [], targetId };
	page.call = (method, params) => call(method, params, sessionId);
	page.eval = async (expression) => {
		const r = await page.call("Runtime.evaluate", { expression, returnByValue: true });
		if (r.exceptionDetails) throw new Error(JSON.stringify(r.exceptionDetails));
		return r.result.value;
	};
	let loaded;
	const load = new Promise((done) => { loaded = done; });
	page.listener = (m) => {
		if (m.sessionId !== sessionId) return;
		if (m.method === "Runtime.exceptionThrown") page.errors.push(m.params.exceptionDetails.text);
		if (m.method === "Log.entryAdded" && m.params.entry.level === "error") page.errors.push(m.params.entry.text);
		if (m.method === "Runtime.consoleAPICalled" && ["error", "assert"].includes(m.params.type))
			page.errors.push(JSON.stringify(m.params.args));
		if (m.method === "Network.requestWillBeSent") page.requests.push(m.params.request.url);
		if (m.method === "Page.loadEventFired") loaded();
	};
	listeners.add(page.listener);
	for (const domain of ["Page", "Runtime", "Log", "Network"]) await page.call(`${domain}.enable`);
	await page.call("Emulation.setDeviceMetricsOverride",
		{ width, height: 900, deviceScaleFactor: 1, mobile: width < 600 });
	await page.call("Emulation.setEmulatedMedia",
		{ features: [{ name: "prefers-color-scheme", value: scheme }] });
	await page.call("Page.navigate", { url });
	await load;
	page.close = async () => {
		listeners.delete(page.listener);
		await call("Target.closeTarget", { targetId });
	};
	return page;
}

async function key(page, text) {
	const named = { "/": "/", Enter: "Enter", Escape: "Escape" };
	const event = text.length === 1 ? { key: text, text } : { key: named[text] };
	await page.call("Input.dispatchKeyEvent", { type: "keyDown", ...event });
	await page.call("Input.dispatchKeyEvent", { type: "keyUp", key: event.key });
}

async function click(page, at) {
	for (const type of ["mouseMoved", "mousePressed", "mouseReleased"])
		await page.call("Input.dispatchMouseEvent",
			{ type, x: at.x, y: at.y, button: "left", buttons: 1, clickCount: type === "mouseMoved" ? 0 : 1 });
}

let number = 0, failed = 0;
function report(ok, name, detail) {
	number++;
	failed += !ok;
	console.log(`${ok ? "ok" : "not ok"} ${number} - ${name}`);
	if (!ok) console.log("# " + String(detail).replace(/\n/g, "\n# "));
}

/* Against the width we set: a mobile viewport grows with what is too wide for it. */
const overflow = (width) => `(() => {
	const over = Math.max(document.documentElement.scrollWidth, innerWidth) - ${width}, wide = [];
	if (over > 0)
		for (const e of document.querySelectorAll("body *"))
			if (e.getBoundingClientRect().right > ${width} + 1 && !e.closest(".scroll, svg"))
				wide.push(e.tagName + "." + e.className);
	return { over, wide: wide.slice(0, 5) };
})()`;

const overlaps = `(() => {
	const bad = [], parts = [...document.querySelectorAll("main > *, .cards > *, .paths > *")];
	for (let i = 1; i < parts.length; i++) {
		const a = parts[i - 1].getBoundingClientRect(), b = parts[i].getBoundingClientRect();
		if (parts[i].parentNode !== parts[i - 1].parentNode || !a.height || !b.height) continue;
		if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
		    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1)
			bad.push(parts[i].outerHTML.slice(0, 80));
	}
	return bad;
})()`;

/* WCAG: 4.5 for text. */
const contrast = `(() => {
	/* what color-mix() makes has its parts from 0 to 1 */
	const rgb = (c) => c.match(/[\\d.]+/g).map((v, i) => v * (c.startsWith("color(") && i < 3 ? 255 : 1));
	const light = (c) => {
		const [r, g, b] = c.slice(0, 3).map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const ground = (e) => {
		for (; e; e = e.parentElement) {
			const c = rgb(getComputedStyle(e).backgroundColor);
			if (c.length < 4 || c[3] > 0) return c;
		}
		return [255, 255, 255];
	};
	const bad = new Set();
	for (const e of document.querySelectorAll("h1,h2,h3,p,li,td,th,caption,summary,pre,a,.card b,.card strong,.card span")) {
		if (!e.textContent.trim()) continue;
		const a = light(rgb(getComputedStyle(e).color)), b = light(ground(e));
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (ratio < 4.5) bad.add(e.tagName + "." + e.className + " " + ratio.toFixed(2));
	}
	return [...bad];
})()`;

async function looks(url, width, scheme) {
	const page = await open(url, { width, scheme });
	const where = `${width} px, ${scheme}`;
	await page.eval(`document.querySelectorAll("details").forEach((d) => { d.open = true; })`);
	report(!page.errors.length, `no console error (${where})`, page.errors.join("\n"));
	const foreign = page.requests.filter((r) => r !== url && !r.startsWith("data:"));
	report(!foreign.length, `no request (${where})`, foreign.join("\n"));
	const wide = await page.eval(overflow(width));
	report(wide.over <= 0, `no horizontal overflow (${where})`, JSON.stringify(wide));
	const over = await page.eval(overlaps);
	report(!over.length, `nothing overlaps (${where})`, over.join("\n"));
	const pale = await page.eval(contrast);
	report(!pale.length, `text is readable (${where})`, pale.join("\n"));
	const broken = await page.eval(`[...document.images].filter((i) => !i.naturalWidth).length`);
	report(broken === 0, `every picture shows (${where})`, broken);
	await page.close();
}

/* axe-core is no package of a distribution: AXE=node_modules/axe-core/axe.min.js asks it, too. */
async function accessible(url, scheme) {
	if (!process.env.AXE) return;
	const page = await open(url, { width: 1280, scheme });
	await page.eval(readFileSync(process.env.AXE, "utf8") + "; 0");
	await page.eval(`document.querySelectorAll("details").forEach((d) => { d.open = true; })`);
	const r = await page.call("Runtime.evaluate", { awaitPromise: true, returnByValue: true, expression:
		`axe.run().then((r) => r.violations.map((v) => v.id + ": " + v.help + " (" + v.nodes.length + ") " + v.nodes[0].html.slice(0, 120)))` });
	const found = r.result.value ?? [JSON.stringify(r)];
	report(!found.length, `axe finds no violation (${scheme})`, found.join("\n"));
	await page.close();
}

/* The first screen: what to use comes first, each cell of the plan is in each map, and the contents stay in sight. */
async function firstScreen(url) {
	const page = await open(url, { width: 1280, scheme: "light" });
	const seen = await page.eval(`(() => {
		const box = (e) => e ? e.getBoundingClientRect() : null;
		const cards = [...document.querySelectorAll(".card")];
		const maps = [...document.querySelectorAll("table.map")].map((t) => ({
			rows: t.tBodies[0].rows.length, columns: t.tHead.rows[0].cells.length - 1,
			cells: t.querySelectorAll("td").length, empty: [...t.querySelectorAll("td")].filter((c) => !c.textContent.trim()).length,
		}));
		scrollTo(0, document.documentElement.scrollHeight / 2);
		return { first: cards[0].textContent, bottom: box(cards[1]).bottom + scrollY, maps, nav: box(document.querySelector("nav")).top };
	})()`);
	report(seen.first.startsWith("What to use?"), "what to use comes first", seen.first);
	report(seen.maps.length === 2 && seen.maps.every((m) => m.cells === m.rows * m.columns && m.cells > 0 && !m.empty),
		"each cell is in each map", JSON.stringify(seen.maps));
	report(Math.abs(seen.nav) < 2, "the contents stay in sight", seen.nav);
	await page.close();
}

/* State of the first flamegraph: how many frames show, are hit, and what it says. */
const state = `(() => {
	const svg = document.querySelector("svg.flame");
	return {
		shown: svg.querySelectorAll(".frames > g:not(.gone)").length,
		hits: svg.querySelectorAll(".frames > g.hit").length,
		match: svg.querySelector(".match").textContent,
	};
})()`;

/* A frame that is wide enough to be hit, but is not all of the graph. */
const target = `(() => {
	const svg = document.querySelector("svg.flame");
	svg.scrollIntoView({ block: "end" });
	const whole = svg.getBoundingClientRect().width;
	for (const rect of svg.querySelectorAll(".frames > g > rect")) {
		const box = rect.getBoundingClientRect();
		if (box.width > 20 && box.width < whole * 0.6)
			return { x: box.left + box.width / 2, y: box.top + box.height / 2,
				 name: rect.parentNode.querySelector("title").textContent };
	}
	return null;
})()`;

async function flamegraph(url, what) {
	const page = await open(url, { width: 1280, scheme: "light" });
	const before = await page.eval(state), at = await page.eval(target);
	report(at !== null, `a frame to click on (${what})`, "none is wide enough");
	if (at) {
		await click(page, at);
		const zoomed = await page.eval(state);
		report(zoomed.shown > 0 && zoomed.shown < before.shown, `click zooms (${what})`,
			JSON.stringify({ before, zoomed, at }));
		await key(page, "Escape");
		const back = await page.eval(state);
		report(back.shown === before.shown, `Escape shows everything again (${what})`, JSON.stringify(back));
		await key(page, "/");
		for (const letter of "copy") await key(page, letter);
		await key(page, "Enter");
		const found = await page.eval(state);
		report(found.hits > 0 && /^matched [0-9.]+ %$/.test(found.match), `search finds (${what})`,
			JSON.stringify(found));
		const reset = await page.eval(`(() => {
			const r = document.querySelector("svg.flame .reset text").getBoundingClientRect();
			return { x: r.left + r.width / 2, y: r.top + r.height / 2 };
		})()`);
		if (reset.y < 0) {
			await page.eval(`document.querySelector("svg.flame").scrollIntoView({ block: "start" })`);
			Object.assign(reset, await page.eval(`(() => {
				const r = document.querySelector("svg.flame .reset text").getBoundingClientRect();
				return { x: r.left + r.width / 2, y: r.top + r.height / 2 };
			})()`));
		}
		await click(page, reset);
		const cleared = await page.eval(state);
		report(cleared.hits === 0 && cleared.match === "", `reset clears the search (${what})`,
			JSON.stringify(cleared));
	}
	report(!page.errors.length, `no console error (${what})`, page.errors.join("\n"));
	await page.close();
}

/* A key that does something: its text is what a button and a fold-out react to. */
async function press(page, name) {
	const keys = { Enter: { code: "Enter", text: "\r", windowsVirtualKeyCode: 13 },
		       " ": { code: "Space", text: " ", windowsVirtualKeyCode: 32 },
		       Tab: { code: "Tab", windowsVirtualKeyCode: 9 } };
	await page.call("Input.dispatchKeyEvent", { type: "keyDown", key: name, ...keys[name] });
	await page.call("Input.dispatchKeyEvent", { type: "keyUp", key: name, code: keys[name].code,
		windowsVirtualKeyCode: keys[name].windowsVirtualKeyCode });
}

/* The first waterfall: what its rows say, and those of the fold-out that is open. */
const waterfall = `(() => {
	const figure = document.querySelector(".waterfall"), number = (e) => parseFloat(e.textContent);
	const open = figure.querySelector("details[open]");
	return {
		rows: [...figure.querySelectorAll(".row > b")].map(number),
		open: figure.querySelectorAll("details[open]").length,
		parts: open ? [...open.querySelectorAll("tbody tr")].map((tr) => number(tr.lastElementChild)) : [],
		bar: open ? number(open.querySelector("summary b")) : 0,
		height: open ? open.querySelector("table").getBoundingClientRect().height : 0,
		next: [...figure.querySelectorAll("summary")].indexOf(document.activeElement),
	};
})()`;

const sum = (list) => list.reduce((a, b) => a + b, 0);
/* Of numbers printed with four digits. */
const adds_up = (list, to) => Math.abs(sum(list) - to) <= 0.0001 * (list.length + 1);

async function opens_bars(page) {
	const before = await page.eval(waterfall);
	report(before.open === 0 && adds_up(before.rows.slice(0, -1), before.rows.at(-1)),
		"the bars of the waterfall lead from one mode to the other", JSON.stringify(before));
	await page.eval(`document.querySelector(".waterfall summary").focus()`);
	await press(page, "Enter");
	const opened = await page.eval(waterfall);
	report(opened.open === 1 && opened.height > 0 && adds_up(opened.parts, opened.bar),
		"Enter opens a bar's functions, which add up to it", JSON.stringify(opened));
	await press(page, " ");
	await press(page, "Tab");
	const closed = await page.eval(waterfall);
	report(closed.open === 0 && closed.next === 1, "Space closes it, Tab leads to the next", JSON.stringify(closed));
}

/* The numbers of a column of the first table that sorts, its last cell's tone, and how it says it is sorted. */
const column = (number) => `(() => {
	const table = document.querySelector("table.sort"), rows = [...table.tBodies[0].rows];
	const cells = rows.map((tr) => parseFloat(tr.cells[${number}].textContent));
	if (rows.at(-1).cells[0].classList.contains("muted")) cells.pop();
	return { cells, said: table.tHead.rows[0].cells[${number}].getAttribute("aria-sort"),
		 others: rows.findIndex((tr) => tr.cells[0].textContent.startsWith("others (")), rows: rows.length };
})()`;

async function sorts(page) {
	const way = { descending: (a, b) => b - a, ascending: (a, b) => a - b };
	const first = await page.eval(column(4));
	const by_size = [...first.cells].sort((a, b) => Math.abs(b) - Math.abs(a));
	report(by_size.every((v, i) => Math.abs(v) === Math.abs(first.cells[i])),
		"functions come by the size of their difference", JSON.stringify(first));
	for (const said of ["descending", "ascending"]) {
		await page.eval(`document.querySelectorAll("table.sort th button")[6].focus()`);
		await press(page, said === "descending" ? "Enter" : " ");
		const now = await page.eval(column(6));
		const sorted = [...now.cells].sort(way[said]);
		report(now.said === said && sorted.every((v, i) => v === now.cells[i]) &&
			(now.others < 0 || now.others === now.rows - 1),
			`a key sorts the functions, ${said}`, JSON.stringify(now));
	}
	await page.eval(`document.querySelector("table.sort th button").click()`);
	const names = await page.eval(`[...document.querySelectorAll("table.sort")][0].tBodies[0].textContent`);
	report(names.length > 0 && (await page.eval(column(6))).said === null, "by name, too", names);
}

/* The fold-out of the function with the largest difference: who calls it, itself, what it calls. */
const sandwich = `(() => {
	const fold = [...document.querySelectorAll("details")].find((d) => / who calls /.test(d.firstElementChild.textContent));
	const rows = [...fold.querySelectorAll("tbody tr")].map((tr) => [tr.cells[0].textContent,
		parseFloat(tr.cells[2].textContent)]);
	const of = (word) => rows.filter((r) => r[0] === word).map((r) => r[1]);
	fold.firstElementChild.focus();
	return { open: fold.open, callers: of("called by"), itself: of("")[0], called: of("calls") };
})()`;

async function opens_sandwich(page) {
	const before = await page.eval(sandwich);
	await press(page, "Enter");
	const after = await page.eval(sandwich);
	report(!before.open && after.open, "Enter opens who calls a function", JSON.stringify(after));
	report(adds_up(after.callers, after.itself) && adds_up(after.called, after.itself),
		"callers add up to it, and so does what it calls", JSON.stringify(after));
}

async function difference(url) {
	const page = await open(url, { width: 1280, scheme: "light" });
	await opens_bars(page);
	await sorts(page);
	await opens_sandwich(page);
	report(!page.errors.length, "no console error (difference)", page.errors.join("\n"));
	await page.close();
}

/* Passes by time: a row a mode, three charts each; lines stay inside, and in each column one of them reaches the top. */
const paces = `[...document.querySelectorAll(".pace")].map((figure) => {
	const charts = [...figure.querySelectorAll("svg")], rows = figure.querySelectorAll("b").length;
	const boxes = charts.map((svg) => svg.querySelector("path").getBBox());
	const top = (column) => Math.min(...boxes.filter((b, i) => i % 3 === column && b.width > 0).map((b) => b.y));
	return { rows, charts: charts.length, tops: [top(0), top(2)],
		 outside: boxes.filter((b) => b.x < 0 || b.y < 0 || b.x + b.width > 240 || b.y + b.height > 40).length,
		 lines: charts.map((svg) => svg.querySelector("path").getAttribute("d").split("M").length - 1) };
})`;

async function passes(url) {
	const page = await open(url, { width: 1280, scheme: "light" });
	await page.eval(`document.querySelectorAll("details").forEach((d) => { d.open = true; })`);
	const seen = await page.eval(paces);
	const rows = await page.eval(`document.querySelectorAll("header b").length`);
	const kept = await page.eval(`!document.querySelector("#time + p").textContent.startsWith("Not known")`);
	report(kept === seen.length > 0 && seen.every((f) => f.rows === rows && f.charts === 3 * rows && !f.outside && f.tops.every((y) => y === 1)),
		"passes by time are drawn on one scale a column, a row a mode", JSON.stringify(seen));
	report(seen.every((f) => f.lines.every((n, i) => n === f.lines[i % 3])), "with a line a repetition", JSON.stringify(seen));
	await page.close();
}

async function main() {
	const url = pathToFileURL(resolve(dir, "index.html")).href;
	for (const width of [1280, 400])
		for (const scheme of ["light", "dark"])
			await looks(url, width, scheme);
	await firstScreen(url);
	for (const scheme of ["light", "dark"]) await accessible(url, scheme);
	await difference(url);
	await passes(url);
	await flamegraph(url, "page");
	for (const file of readdirSync(dir).filter((name) => /^flame-.*\.svg$/.test(name)).slice(0, 1))
		await flamegraph(pathToFileURL(resolve(dir, file)).href, file);
	console.log(`1..${number}`);
}

main().catch((error) => {
	console.log(`not ok ${number + 1} - ${error.message}`);
	failed++;
}).finally(() => {
	const end = () => {
		rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
		process.exit(failed ? 1 : 0);
	};
	if (gone) end();
	child.once("exit", end);
	child.kill();
});
