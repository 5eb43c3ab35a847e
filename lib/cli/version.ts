/** The version of the package; spec/cli holds it to package.json, which the two builds find in different places. */
export const VERSION = '0.1.0';
