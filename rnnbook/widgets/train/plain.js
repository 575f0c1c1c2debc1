/** Lets a worker use the kernels in plain JavaScript: this text stands before its own where the browser has no SIMD. */
import { inJavaScript } from "./kernels.js";

/** @type {any} */ (self).inJavaScript = inJavaScript;
