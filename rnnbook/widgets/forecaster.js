import { h, live, num, percent } from "./kit.js";
import { baselines, dateOf, forecast, mase, meanMase, truth, unpack } from "./forecasting.js";

/** Days shown before the origin. */
const BEFORE = 28;
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/** @typedef {import("./kit.js").Point} Point */
/** @typedef {import("./kit.js").Ui} Ui */
/** @typedef {import("./forecasting.js").Data} Data */
/** @typedef {import("./forecasting.js").Answer} Answer */
/** @typedef {{model: string, against: string, seen: boolean, wide: boolean, at: number, said: Answer[], other: Answer[], came: number[], lowest: number}} Now what stands chosen, the day `at` from which it is forecast, what the model and the baseline say, what came, and the place of the lowest forecast */

/** Points in thousands. @param {ArrayLike<number>} values @param {number} from */
const thousand = (values, from) => Array.from(values, (v, i) => /** @type {Point} */ ([from + i, v / 1000]));

/** How days are called, and the quarters that an axis of some width has room for. @param {Data} data */
function naming(data) {
  const { before, days } = data;
  const say = (/** @type {number} */ day) => {
    const date = dateOf(data, day);
    return `${WEEKDAYS[date.getUTCDay()]}, ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
  };
  const short = (/** @type {number} */ day) => {
    const date = dateOf(data, day);
    return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()].slice(0, 3)}`;
  };
  const starts = Array.from({ length: days - before }, (_, i) => i).filter((i) => {
    const date = dateOf(data, before + i);
    return date.getUTCDate() === 1 && date.getUTCMonth() % 3 === 0;
  });
  const quarters = (/** @type {number} */ width) => starts.filter((_, i) => width > 480 || i % 2 === 0);
  const year = (/** @type {number} */ day) => dateOf(data, day).getUTCFullYear();
  return { say, short, year, quarters };
}

/** @typedef {ReturnType<typeof naming>} Naming */

/** @param {Ui} ui @param {Data} data @param {Naming} naming */
function arrange(ui, { before, births, days, horizon, models }, { say, year, short }) {
  const last = days - before - horizon;
  const origin = () => Math.min(last, ui.get("origin"));
  const years = ui.plot({ label: "The test years", caption: "The test years, thousand births a day. Drag the dot: the day from which the next four weeks are forecast", height: 118, margin: { top: 12, bottom: 24, left: 30 } });
  const weeks = ui.plot({ label: "The forecast", caption: "Four weeks known, four weeks forecast, in thousand births a day", height: 250, margin: { top: 16, bottom: 24, left: 30 } });
  const score = ui.plot({ label: "The error at every origin", caption: "MASE from every fifth day of the two years: lower is better", height: 130, margin: { top: 10, bottom: 24, left: 30 } });
  const dot = ui.handle(years, {
    label: "Origin",
    color: "z",
    at: () => [origin(), births[before + origin()] / 1000],
    text: () => say(before + origin()),
    move: ([to]) => ui.set("origin", Math.max(0, Math.min(last, Math.round(to)))),
    step: [1, 0],
  });
  const told = ui.readout();
  const widened = ui.toggle("widened", { label: "Widen its interval as the validation years ask" });
  const names = (/** @type {string[]} */ keys) => keys.map((key) => /** @type {[string, string]} */ ([key, models[key].name]));
  const everyone = Object.keys(models);
  const legendPlace = h("div", {});
  ui.body.append(
    ui.row(
      ui.select("model", { label: "Model", options: names(everyone) }),
      ui.select("against", { label: "Beside the baseline", options: names(everyone.filter((key) => key in baselines)) }),
    ),
    years.node,
    ui.player("origin", { label: "Origin, day by day", last: () => last, format: () => `${short(before + origin())} ${year(before + origin())}`, pace: 160 }),
    weeks.node,
    legendPlace,
    ui.bar(ui.toggle("truth", { label: "Show what happened" }), widened),
    score.node,
    told.node,
    ui.tryThis(
      "Guess before you look. One forecast takes the value of 364 days ago: on which day does it expect Christmas? Which days does the interval miss? When you have an answer, show what happened.",
      ["Christmas 1987", { origin: 342, model: "lstm", against: "last_year", truth: false }],
      ["Independence Day 1988", { origin: 536, model: "simple_rnn", against: "linear", truth: false }],
      ["Its own answers, four weeks on", { origin: 500, model: "recursive", against: "linear", truth: false }],
    ),
  );
  return { origin, years, weeks, score, dot, told, widened, legendPlace };
}

/** @typedef {ReturnType<typeof arrange>} Parts */

/** @param {Parts} parts @param {Data} data @param {Naming} naming @param {Now} now */
function drawYears({ years, dot }, { before, births, days, horizon }, { say, short, quarters }, { at }) {
  years.frame({ domain: [0, days - before], ticks: quarters(years.width), format: (v) => short(before + v) }, { domain: [6, 13], ticks: [8, 12] });
  years.raw(`<rect x="${years.x(at).toFixed(1)}" y="12" width="${(years.x(at + horizon) - years.x(at)).toFixed(1)}" height="82" fill="var(--z)" fill-opacity=".2"/>`);
  years.line(thousand(births.subarray(before), 0), { color: "muted", width: 1 });
  years.end();
  dot.show();
  years.describe(`Births a day in 1987 and 1988. The origin is ${say(before + at)}.`);
}

/** @param {Parts} parts @param {Data} data @param {Naming} naming @param {Now} now */
function drawWeeks({ weeks }, data, { say, short }, { model, seen, at, said, other, came, lowest }) {
  const { before, births, horizon, models } = data;
  const t = before + at;
  const all = [...said.flat(), ...other.map(([, y]) => y), ...births.subarray(t - BEFORE, t + horizon)];
  const [low, high] = [Math.floor(Math.min(...all) / 1000), Math.ceil(Math.max(...all) / 1000)];
  weeks.frame(
    { domain: [-BEFORE, horizon], ticks: [-28, -21, -14, -7, 0, 7, 14, 21].filter((v) => weeks.width > 480 || v % 14 === 0), format: (v) => short(t + v) },
    { domain: [low, high] },
  );
  const edge = (/** @type {number} */ end) => said.map((day, i) => `${weeks.x(i).toFixed(1)},${weeks.y(day[end] / 1000).toFixed(1)}`);
  weeks.raw(`<polygon points="${[...edge(0), ...edge(2).reverse()].join(" ")}" fill="var(--z)" fill-opacity=".2"/>`);
  weeks.rule({ x: -0.5, color: "ink", label: "origin" });
  weeks.line(thousand(births.subarray(t - BEFORE, t), -BEFORE), { color: "muted", width: 1.5 });
  for (const end of [0, 2]) weeks.line(thousand(other.map((day) => day[end]), 0), { color: "x", width: 1, dash: "1 4" });
  weeks.line(thousand(other.map(([, y]) => y), 0), { color: "x", width: 1.6, dash: "5 4" });
  weeks.line(thousand(said.map(([, y]) => y), 0), { color: "z", width: 2.4 });
  if (seen) weeks.dots(thousand(came, 0), { color: "y", r: 3 });
  weeks.dots(data.holidays.filter((day) => day >= t - BEFORE && day < t + horizon).map((day) => [day - t, low]), { color: "g", r: 3.5 });
  weeks.end();
  weeks.describe(`From ${say(t)}: ${models[model].name} forecasts between ${num(said[lowest][1], 0)} and ${num(Math.max(...said.map(([, y]) => y)), 0)} births a day.${seen ? ` MASE ${num(mase(data, came, said))}.` : ""}`);
}

/** @param {Parts} parts @param {Data} data @param {Naming} naming @param {Now} now */
function drawScore({ years, score }, data, { short, quarters }, { model, against, at, said, came }) {
  const { before, days, models, step } = data;
  const curve = (/** @type {string} */ key) => Array.from(data.errors[key], (e, i) => /** @type {Point} */ ([i * step, e / data.naive_error]));
  const most = Math.max(...[model, against].flatMap((key) => curve(key).map(([, e]) => e)));
  score.frame({ domain: [0, days - before], ticks: quarters(years.width), format: (v) => short(before + v) }, { domain: [0, Math.ceil(most)], count: 3 });
  score.line(curve(against), { color: "x", width: 1.5, dash: "5 4" });
  score.line(curve(model), { color: "z", width: 2 });
  score.rule({ x: at, color: "ink" });
  score.dots([[at, mase(data, came, said)]], { color: "z", r: 4.5, hollow: true });
  score.end();
  score.describe(`Error at every origin. Mean MASE of ${models[model].name} ${num(meanMase(data, model))}, of ${models[against].name} ${num(meanMase(data, against))}.`);
}

/** @param {Parts} parts @param {Data} data @param {Naming} naming @param {Now} now */
function tell({ told }, data, { say }, { model, against, seen, wide, at, said, other, came, lowest }) {
  const { before, horizon, models } = data;
  const t = before + at;
  const within = came.filter((y, i) => y >= said[i][0] && y <= said[i][2]).length;
  const { inside, inside_widened } = models[model];
  const few = said[lowest];
  told.show(
    `From ${say(t)}, fewest births are forecast for ${say(t + lowest)}: ${num(few[1], 0)}, between ${num(few[0], 0)} and ${num(few[2], 0)}. The baseline says ${num(other[lowest][1], 0)} for that day.`,
    seen && `There were ${num(came[lowest], 0)}. MASE from this origin: ${num(mase(data, came, said))}, baseline ${num(mase(data, came, other))}. Inside the interval: ${within} of ${horizon} days.`,
    seen && `Over all ${data.origins} origins: MASE ${num(meanMase(data, model))}, baseline ${num(meanMase(data, against))}. Inside the interval: ${percent((wide ? inside_widened : inside) ?? inside)} of the days; 80 % would be right.`,
  );
}

/** What goes with the choice: the key, and what is shown only then. @param {Ui} ui @param {Parts} parts @param {Data} data @param {Now} now */
function choose(ui, { score, widened, legendPlace }, { models }, { model, against, seen }) {
  widened.style.display = models[model].widening !== undefined ? "" : "none";
  score.node.style.display = seen ? "" : "none";
  legendPlace.replaceChildren(
    ui.legend([
      { label: `${models[model].name}, with its 80 % interval`, color: "z" },
      { label: `${models[against].name}, with its 80 % interval`, color: "x", dash: "5 4" },
      ...(seen ? [{ label: "what happened", color: /** @type {const} */ ("y"), dot: true }] : []),
      { label: "a holiday", color: "g", dot: true },
    ]),
  );
}

export default live("Forecaster", (ui) => {
  ui.title("Forecast from any day of two years");
  const data = unpack(ui.get("data"), ui.get("layout_of_data"));
  const named = naming(data);
  const parts = arrange(ui, data, named);
  ui.draw(() => {
    const [model, against, seen] = [ui.get("model"), ui.get("against"), ui.get("truth")];
    const [at, wide] = [parts.origin(), data.models[model].widening !== undefined && ui.get("widened")];
    const [said, other, came] = [forecast(data, model, at, wide), forecast(data, against, at), truth(data, at)];
    const lowest = said.reduce((best, day, i) => (day[1] < said[best][1] ? i : best), 0);
    const now = { model, against, seen, wide, at, said, other, came, lowest };
    choose(ui, parts, data, now);
    drawYears(parts, data, named, now);
    drawWeeks(parts, data, named, now);
    if (seen) drawScore(parts, data, named, now);
    tell(parts, data, named, now);
  });
});
