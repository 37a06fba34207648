// What an exported script uses of k6 itself.
export const check = (value, checks) => Object.values(checks).map((holds) => holds(value)).every(Boolean);
export const fail = (message) => { throw new Error(message); };
export const group = (name, body) => body();
export const sleep = () => undefined;
