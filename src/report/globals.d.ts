// What code that runs under Node, too, asks for before it uses it: a browser has none.
declare const setImmediate: ((work: () => void) => unknown) | undefined;
