/**
 * The forecasts of chapter 13 in the page, for any day of the test years: trained networks and baselines, from what
 * forecaster.py packs. Letters and shapes as in rnnbook.networks.shipped_forecasters and rnnbook.series.baselines.
 */
import { dot, lstmStep, matvec, simpleRnnStep } from "./recurrences.js";

const WEEK = 7;
const DAY = 86_400_000;

/** @typedef {Record<string, Float64Array[]>} Weights letter and layer, as U0 → rows */
/** @typedef {{key: string, name: string, inside: number, around?: number[][], widening?: number, inside_widened?: number}} About */
/** @typedef {[low: number, middle: number, high: number]} Answer in births */
/** @typedef {{Z: ArrayLike<number>, C: ArrayLike<number>}} State */

/**
 * @typedef {object} Layout
 * @property {{key: string, cell: string, arrays: [string, number, number, number[]][]}[]} networks letter, rows, columns, and the scale of each row (none: float32) of each array
 * @property {{scales: number[], inputs: number, mean: number}} linear
 * @property {string} first_day of the series that is here
 * @property {number} days how many it has
 * @property {number} before how many lie before the first origin
 * @property {number} origins for how many origins, `step` days apart, errors are here
 * @property {number} step
 * @property {number} horizon
 * @property {number} history
 * @property {number} year
 * @property {number} level days over which a level is taken
 * @property {number[]} holidays places in the series
 * @property {number[][]} named_days for each holiday by name, and each day around it, its places in the series
 * @property {[number, number]} scale mean and standard deviation of the training years
 * @property {number} naive_error mean absolute error of 'as a week ago' in training
 * @property {About[]} models
 */

/**
 * @param {DataView} bytes
 * @param {Layout} layout
 */
export function unpack(bytes, layout) {
  let at = 0;
  const take = (/** @type {number} */ size) => (at += size) - size;
  /** @type {Record<string, {cell: string, weights: Weights}>} */
  const networks = {};
  for (const { key, cell, arrays } of layout.networks) {
    networks[key] = { cell, weights: {} };
    for (const [letter, rows, columns, scales] of arrays) {
      const value = (/** @type {number} */ row) => (scales.length ? (bytes.getInt8(take(1)) * scales[row]) / 127 : bytes.getFloat32(take(4), true));
      networks[key].weights[letter] = Array.from({ length: rows }, (_, row) => Float64Array.from({ length: columns }, () => value(row)));
    }
  }
  const { scales, inputs } = layout.linear;
  const coefficients = scales.map((scale) => Float64Array.from({ length: inputs }, () => (bytes.getInt16(take(2), true) * scale) / 32767));
  const counts = (/** @type {number} */ length) => Float64Array.from({ length }, () => bytes.getUint16(take(2), true));
  const births = counts(layout.days);
  const errors = Object.fromEntries(layout.models.map(({ key }) => [key, counts(layout.origins)]));
  const models = Object.fromEntries(layout.models.map((about) => [about.key, about]));
  return { ...layout, models, networks, coefficients, births, errors };
}

/** @typedef {ReturnType<typeof unpack>} Data */

const mean = (/** @type {ArrayLike<number>} */ values) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

/** The date of a place in the series. @param {Data} data @param {number} day */
export const dateOf = (data, day) => new Date(Date.parse(`${data.first_day}T00:00:00Z`) + day * DAY);

/**
 * What is known of a day before it comes: weekday from Monday on, holiday, season as cosine and sine.
 * @param {Data} data
 * @param {number} day
 */
export function calendar(data, day) {
  const date = dateOf(data, day);
  const ofYear = (date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 0)) / DAY;
  const angle = (2 * Math.PI * ofYear) / 365.25;
  const weekday = (date.getUTCDay() + 6) % WEEK;
  return [...Array.from({ length: WEEK }, (_, i) => Number(i === weekday)), Number(data.holidays.includes(day)), Math.cos(angle), Math.sin(angle)];
}

/**
 * One layer from a state on: the states after every input.
 * @param {ArrayLike<number>[]} inputs
 * @param {string} cell
 * @param {Weights} weights
 * @param {number} level 0 for the encoder, 1 for the decoder
 * @param {State} [state]
 */
function roll(inputs, cell, weights, level, state) {
  const [U, W, b] = [weights[`U${level}`], weights[`W${level}`], weights[`b${level}`]];
  const zero = new Float64Array(W[0].length);
  let { Z, C } = state ?? { Z: zero, C: zero };
  return inputs.map((X) => {
    if (cell === "lstm") ({ Z, C } = lstmStep(X, Z, C, { U, W, b: b[0] }));
    else Z = simpleRnnStep(X, Z, { U, W, b: b[0] });
    return { Z, C };
  });
}

/**
 * What a network says of the days from `t` on, in births: one number a day, or its quantiles in their order.
 * @param {Data} data
 * @param {string} name
 * @param {number} t
 * @returns {number[][]}
 */
export function network(data, name, t) {
  const { births, history, horizon, year } = data;
  const { cell, weights } = data.networks[name];
  const [middle, deviation] = data.scale;
  const scaled = (/** @type {number} */ day) => (births[day] - middle) / deviation;
  const levelBefore = (/** @type {number} */ day) => (mean(births.subarray(day - data.level, day)) - middle) / deviation;
  const level = levelBefore(t);
  let past = Array.from({ length: history }, (_, i) => [scaled(t - history + i) - level, ...calendar(data, t - history + i)]);
  const future = Array.from({ length: horizon }, (_, i) => calendar(data, t + i));
  const said = (/** @type {ArrayLike<number>} */ Z) => matvec(weights.V, Z).map((y, k) => y + weights.c[0][k]);
  /** @type {number[][]} */
  let answers = [];
  if (weights.U1) {
    const then = levelBefore(t - year);
    const known = future.map((day, i) => [...day, scaled(t + i - year) - then]);
    answers = roll(known, cell, weights, 1, roll(past, cell, weights, 0).pop()).map(({ Z }) => said(Z).sort((a, b) => a - b));
  } else {
    for (const tomorrow of future) {
      const answer = said(roll(past, cell, weights, 0)[history - 1].Z);
      answers.push(answer);
      past = [...past.slice(1), [answer[0], ...tomorrow]];
    }
  }
  return answers.map((day) => day.map((y) => (y + level) * deviation + middle));
}

/** @type {Record<string, (data: Data, t: number) => number[]>} one number a day, in births */
export const baselines = {
  last_value: ({ births, horizon }, t) => new Array(horizon).fill(births[t - 1]),
  same_weekday: ({ births, horizon }, t) => Array.from({ length: horizon }, (_, i) => births[t - WEEK + (i % WEEK)]),
  last_year({ births, horizon, level, year }, t) {
    const moved = mean(births.subarray(t - level, t)) - mean(births.subarray(t - year - level, t - year));
    return Array.from({ length: horizon }, (_, i) => births[t + i - year] + moved);
  },
  linear(data, t) {
    const { births, history, named_days, year } = data;
    const now = mean(births.subarray(t - data.level, t));
    const then = mean(births.subarray(t - year - data.level, t - year));
    const lags = Array.from(births.subarray(t - history, t), (y) => (y - now) / 1000);
    const names = (/** @type {number} */ day) => named_days.map((days) => Number(days.includes(day)));
    return data.coefficients.map(
      (row, i) => now + data.linear.mean + dot(row, [...lags, ...calendar(data, t + i), ...names(t + i), 1, (births[t + i - year] - then) / 1000]),
    );
  },
};

/**
 * Lower end, forecast and upper end for each day from an origin on.
 * @param {Data} data
 * @param {string} model
 * @param {number} origin days after the first one
 * @param {boolean} [widened] whether the ends of a network's own interval move as the validation years ask
 * @returns {Answer[]}
 */
export function forecast(data, model, origin, widened = false) {
  const t = data.before + origin;
  const { around, widening = 0 } = data.models[model];
  const answers = model in baselines ? baselines[model](data, t).map((y) => [y]) : network(data, model, t);
  const more = widened ? widening : 0;
  return answers.map((day, i) => (around ? [day[0] + around[i][0], day[0], day[0] + around[i][1]] : [day[0] - more, day[1], day[2] + more]));
}

/** The births of the days that are forecast from an origin. @param {Data} data @param {number} origin */
export const truth = ({ births, before, horizon }, origin) => Array.from(births.subarray(before + origin, before + origin + horizon));

/** Mean absolute error of a forecast, scaled as MASE. @param {Data} data @param {number[]} births @param {Answer[]} said */
export const mase = (data, births, said) => mean(births.map((y, i) => Math.abs(y - said[i][1]))) / data.naive_error;

/** The mean MASE over all origins for which errors are here. @param {Data} data @param {string} model */
export const meanMase = (data, model) => mean(data.errors[model]) / data.naive_error;
