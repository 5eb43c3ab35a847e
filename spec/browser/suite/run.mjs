/** Runs the suite; the page then has its outcome. */
import { runCases } from './runner.mjs';

globalThis.outcome = await runCases();
