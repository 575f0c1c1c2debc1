/** The Keras code of a network in the page: the same start, the same batches, the same curve. */

/** @typedef {import("./settings.js").TaskName} TaskName */

/** The numbers of random.js in NumPy, and the start of network.js. */
const START = `
def mix(a):
    a = np.asarray(a % 2**32, np.uint64).astype(np.uint32)
    with np.errstate(over="ignore"):  # only the last 32 bits count
        t = (a ^ (a >> 15)) * (a | np.uint32(1))
        t = (t + (t ^ (t >> 7)) * (t | np.uint32(61))) ^ t
    return (t ^ (t >> 14)).astype(np.uint64)


class Uniforms:
    """Numbers in [0, 1), one stream for each pair of a seed and a number, as the page draws them."""

    def __init__(self, seed, number):
        self.at = int(mix(int(mix(seed + 0x9E3779B9)) + number))

    def __call__(self, *shape):
        n = int(np.prod(shape))
        steps = self.at + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x6D2B79F5)
        self.at = (self.at + n * 0x6D2B79F5) % 2**32
        return mix(steps).reshape(shape) / 2**32

    def normal(self, *shape):
        u = self(*shape, 2)
        return np.sqrt(-2 * np.log(1 - u[..., 0])) * np.cos(2 * np.pi * u[..., 1])


def glorot(number, rows, columns, limit):
    return limit * (2 * Uniforms(SEED, number)(rows, columns) - 1)


def orthogonal(number, rows, columns, radius):
    Q, R = np.linalg.qr(Uniforms(SEED, number).normal(rows, columns).T)
    return radius * (Q * np.sign(np.diag(R))).T
`;

const DIAGONAL = `
class Diagonal(keras.layers.Layer):
    """c' = exp(-exp(nu)) c + X U + b, answer tanh(c'): no state is mixed with another."""

    def __init__(self, units, return_sequences=False, stateful=False):
        super().__init__()
        self.units, self.return_sequences, self.stateful = units, return_sequences, stateful

    def build(self, shape):
        self.U = self.add_weight(shape=(shape[-1], self.units))
        self.nu = self.add_weight(shape=(1, self.units))
        self.b = self.add_weight(shape=(1, self.units))
        if self.stateful:
            self.c = self.add_weight(shape=(BATCH, self.units), trainable=False)

    def reset_state(self):
        self.c.assign(np.zeros((BATCH, self.units)))

    def call(self, X):
        decay, states = keras.ops.exp(-keras.ops.exp(self.nu)), [self.c if self.stateful else 0.0]
        for t in range(X.shape[1]):
            states.append(decay * states[-1] + X[:, t] @ self.U + self.b)
        if self.stateful:
            self.c.assign(states[-1])
        Z = keras.ops.tanh(keras.ops.stack(states[1:], axis=1))
        return Z if self.return_sequences else Z[:, -1]

`;

/** Before a stream begins; Keras carries states on, wherever a batch may come from. */
const FORGET = `

def forget():
    for layer in model.layers:
        if getattr(layer, "stateful", False):
            layer.reset_state()


`;

/** Keras's own Bidirectional copies only layers that it can store. */
const BOTH = `
class Both(keras.layers.Layer):
    """Two layers side by side; the second reads backward."""

    def __init__(self, *settings, return_sequences=False):
        super().__init__()
        self.onward = Diagonal(*settings, return_sequences)
        self.backward = Diagonal(*settings, return_sequences)
        self.turn = return_sequences

    def call(self, X):
        back = self.backward(X[:, ::-1])
        return keras.ops.concatenate([self.onward(X), back[:, ::-1] if self.turn else back], axis=-1)

`;

/** @type {Record<TaskName, string>} a batch, time first as the page draws it, then turned */
const BATCH = {
  sine: `
def batch(k):
    u = Uniforms(SEED, 1000 + k)
    speed, phase = 0.15 + 0.35 * u(BATCH), 2 * np.pi * u(BATCH)
    t = np.arange(TIMESTEPS)[:, None]
    x = np.sin(phase + speed * t) + 0.1 * u.normal(TIMESTEPS, BATCH)
    return x.T[..., None], np.sin(phase + speed * (t + 1)).T[..., None]
`,
  adding: `
def batch(k):
    u, half = Uniforms(SEED, 1000 + k), TIMESTEPS // 2
    first, second = np.floor(u(BATCH) * half), half + np.floor(u(BATCH) * (TIMESTEPS - half))
    numbers, t = u(TIMESTEPS, BATCH), np.arange(TIMESTEPS)[:, None]
    marks = (t == first) | (t == second)
    return np.stack([numbers.T, marks.T], -1), (numbers * marks).sum(0)[:, None]
`,
  recall: `
def batch(k):
    u = Uniforms(SEED, 1000 + k)
    y = (u(BATCH) >= 0.5) * 1.0
    x = np.concatenate([2 * y[None] - 1, DISTRACTORS * u.normal(TIMESTEPS - 1, BATCH)])
    return x.T[..., None], y[:, None]
`,
  parity: `
def batch(k):
    x = (Uniforms(SEED, 1000 + k)(TIMESTEPS, BATCH) >= 0.5) * 1.0
    return x.T[..., None], (x.cumsum(0) % 2).T[..., None]
`,
  brackets: `
def batch(k):
    draws = Uniforms(SEED, 1000 + k)(BATCH, TIMESTEPS + 1, 2)
    tokens = np.zeros((BATCH, TIMESTEPS + 1), int)
    for b in range(BATCH):
        opened = []
        for t, (opens, kind) in enumerate(draws[b]):
            if not opened or (len(opened) < 6 and opens < 0.5):
                opened.append(int(kind >= 0.5))
                tokens[b, t] = opened[-1]
            else:
                tokens[b, t] = 2 + opened.pop()
    return tokens[:, :-1], tokens[:, 1:]
`,
  text: `
text = open("text.txt", encoding="utf-8", newline="").read().replace("\\r\\n", "\\n").replace("\\r", "\\n")
counts = Counter(text)
names = sorted(counts, key=lambda c: (-counts[c], c))[:120]
known = {c: i for i, c in enumerate(names)}
index = np.array([known.get(c, len(names)) for c in text])
end = int(0.9 * len(index))  # the last tenth is not trained on
stride = (end - 1) // BATCH
PLACES = max(1, stride // TIMESTEPS)  # after so many batches every row is back at its stream's beginning


def batch(k):
    at = np.arange(BATCH)[:, None] * stride + k % PLACES * TIMESTEPS + np.arange(TIMESTEPS)
    at %= end - 1
    return index[at], index[at + 1]
`,
  births: `
births = np.fromfile("births.u16", "<u2").astype(float)
known = births[:-730]  # the last two years are not trained on
days = (births - known.mean()) / known.std()


def batch(k):
    starts = np.floor(Uniforms(SEED, 1000 + k)(BATCH) * (len(known) - TIMESTEPS)).astype(int)
    at = starts[:, None] + np.arange(TIMESTEPS)
    return days[at][..., None], days[at + 1][..., None]
`,
  cat: `
frames = np.fromfile("cat.u8", "u1").reshape(24, -1) / 127.5 - 1


def batch(k):
    u = Uniforms(SEED, 1000 + k)
    starts, noise = np.floor(24 * u(BATCH)).astype(int), float(u(1)[0])
    at = starts[:, None] + np.arange(TIMESTEPS)
    x = frames[at.T % 24]
    x = x + noise * (2 * u(*x.shape) - 1)
    return x.swapaxes(0, 1), frames[(at + 1) % 24]
`,
  reviews: `
lines = re.findall(r"^\\s*([01+-])[\\s,;]+(.*\\S)", open("reviews.txt", encoding="utf-8").read(), re.M)
labels = np.array([label in "1+" for label, _ in lines], float)
words = [re.sub(r"[^\\w']|_", " ", text.lower()).split() for _, text in lines]
counts = Counter(word for line in words for word in line)
names = ["", "?", *sorted(counts, key=lambda w: (-counts[w], w))[:4000]]
known = {word: i for i, word in enumerate(names)}
rows = np.zeros((len(words), TIMESTEPS), int)
for row, line in zip(rows, words):
    line = [known.get(word, 1) for word in line[-TIMESTEPS:]]
    row[TIMESTEPS - len(line) :] = line


def batch(k):
    chosen = np.floor(Uniforms(SEED, 1000 + k)(BATCH) * int(0.8 * len(rows))).astype(int)
    return rows[chosen], labels[chosen][:, None]
`,
};

/** The file that the code reads beside itself. @type {Partial<Record<TaskName, string>>} */
export const FILES = { text: "text.txt", births: "births.u16", cat: "cat.u8", reviews: "reviews.txt" };

/**
 * @param {any} c the complete settings
 * @returns {string[]} an expression for each of `model.get_weights()`
 */
function weights(c) {
  const G = { simple_rnn: 1, lstm: 4, gru: 3, diagonal: 1 }[/** @type {"lstm"} */ (c.cell)] * c.units;
  const directions = c.bidirectional ? 2 : 1;
  const out = [];
  let number = 10;
  if (c.tokens) out.push(`glorot(${number++}, ${c.tokens}, ${c.features}, 0.05)`);
  for (let level = 0; level < c.layers; level++) {
    for (let d = 0; d < directions; d++) {
      const sources = level ? directions : 1;
      const rows = level ? c.units : c.features;
      const limit = `${c.scale} * (6 / ${sources * rows + G}) ** 0.5`;
      const U = Array.from({ length: sources }, () => `glorot(${number++}, ${rows}, ${G}, ${limit})`);
      out.push(sources === 1 ? U[0] : `np.concatenate([${U.join(", ")}])`);
      if (c.cell === "diagonal") out.push(`np.log(-np.log(${c.radius} * (0.5 + 0.499 * Uniforms(SEED, ${number++})(1, ${c.units}))))`, `np.zeros((1, ${c.units}))`, ...(c.carry ? [`np.zeros((BATCH, ${c.units}))`] : []));
      else out.push(`orthogonal(${number++}, ${c.units}, ${G}, ${c.radius})`, bias(c, G));
      number += c.cell === "gru" ? 2 : 1;
    }
  }
  const V = Array.from({ length: directions }, () => `glorot(${number++}, ${c.units}, ${c.outputs}, (6 / ${directions * c.units + c.outputs}) ** 0.5)`);
  return [...out, directions === 1 ? V[0] : `np.concatenate([${V.join(", ")}])`, `np.zeros(${c.outputs})`];
}

/** @param {any} c @param {number} G */
const bias = (c, G) => (c.cell === "gru" ? `np.zeros((2, ${G}))` : c.cell === "lstm" ? `np.repeat([0, ${c.forgetBias}, 0, 0], ${c.units})` : `np.zeros(${G})`);

/** @param {any} c */
function layers(c) {
  const name = { simple_rnn: "keras.layers.SimpleRNN", lstm: "keras.layers.LSTM", gru: "keras.layers.GRU", diagonal: c.bidirectional ? "Both" : "Diagonal" }[/** @type {"lstm"} */ (c.cell)];
  const out = [c.tokens ? "keras.Input(batch_shape=(BATCH, TIMESTEPS)),": `keras.Input(batch_shape=(BATCH, TIMESTEPS, ${c.features})),`];
  if (c.tokens) {
    out.push("# An embedding. Keras's own layer takes other steps where a token repeats: its gradient is sparse.");
    out.push(`keras.layers.Lambda(lambda X: keras.ops.one_hot(X, ${c.tokens})),`, `keras.layers.Dense(${c.features}, use_bias=False),`);
  }
  for (let level = 0; level < c.layers; level++) {
    const more = [`${c.units}`];
    if (c.every || level < c.layers - 1) more.push("return_sequences=True");
    if (c.carry) more.push("stateful=True");
    if (c.dropout && c.cell !== "diagonal") more.push(`dropout=${c.dropout}`);
    if (c.recurrentDropout && c.cell !== "diagonal") more.push(`recurrent_dropout=${c.recurrentDropout}`);
    const layer = `${name}(${more.join(", ")})`;
    out.push(c.bidirectional && c.cell !== "diagonal" ? `keras.layers.Bidirectional(${layer}),` : `${layer},`);
  }
  return [...out, `keras.layers.Dense(${c.outputs}),`];
}

/**
 * @param {TaskName} task
 * @param {any} c the complete settings, with the number of tokens that the data has
 * @param {number} seed
 * @param {number} updates
 */
export function kerasCode(task, c, seed, updates) {
  const loss = { mse: '"mse"', bce: "keras.losses.BinaryCrossentropy(from_logits=True)", ce: "keras.losses.SparseCategoricalCrossentropy(from_logits=True)" }[/** @type {"mse"} */ (c.loss)];
  const optimizer = { adam: "Adam", rmsprop: "RMSprop", sgd: "SGD" }[/** @type {"adam"} */ (c.optimizer)];
  const file = FILES[task];
  const imports = [task === "reviews" && "import re", (task === "text" || task === "reviews") && "from collections import Counter"].filter(Boolean);
  return `"""The network of the page in Keras: the same start, the same batches, so the same curve.${file ? `\n\nIt reads ${file}, which the page gives, from the folder in which it runs.` : ""}${c.dropout || c.recurrentDropout ? "\n\nDropout draws other masks here, so that the curve is another one of its kind." : ""}
"""
${imports.length ? `\n${imports.join("\n")}\n` : ""}
${["import keras", "import numpy as np"].join("\n")}

SEED, BATCH, TIMESTEPS, UPDATES = ${seed}, ${c.batch}, ${c.timesteps}, ${updates}
${task === "recall" ? `DISTRACTORS = ${c.distractors}\n` : ""}
${START}
${BATCH[task]}
${c.cell === "diagonal" ? DIAGONAL + (c.bidirectional ? BOTH : "") : ""}
model = keras.Sequential(
    [
        ${layers(c).join("\n        ")}
    ]
)
model.compile(keras.optimizers.${optimizer}(${c.rate}${c.clip ? `, global_clipnorm=${c.clip}` : ""}), ${loss})
model.set_weights(
    [
        ${weights(c).map((w) => `${w},`).join("\n        ")}
    ]
)
${c.carry ? FORGET : ""}losses = []
for k in range(UPDATES):
${c.carry ? "    if k % PLACES == 0:\n        forget()  # where a stream begins, nothing is known of the text before it\n" : ""}    losses.append(float(model.train_on_batch(*batch(k))))
    if (k + 1) % 50 == 0 or k + 1 == UPDATES:
        print(f"update {k + 1}: loss {np.mean(losses[-50:]):.4f}")
`;
}
