/** What every training in the page needs, loaded together: networks, their pictures, their answers. */
export { makeAnswer } from "./playground_answers.js";
export { makeCurves, makeGradient, makeInside } from "./playground_pictures.js";
export { makeConductor, makeTraining } from "./playground_training.js";
