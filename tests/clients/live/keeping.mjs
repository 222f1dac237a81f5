// What a browser has for all tabs of an origin and Node 20 hasn't: localStorage and navigator.locks.

const kept = new Map();
const localStorage = {
  getItem: (key) => kept.get(key) ?? null,
  setItem: (key, value) => kept.set(key, value),
  removeItem: (key) => kept.delete(key),
};

let last = Promise.resolve();
const locks = {
  request(_, act) {
    const turn = last.then(act);
    last = turn.catch(() => {});
    return turn;
  },
};

for (const [name, value] of Object.entries({ localStorage, navigator: { locks } }))
  Object.defineProperty(globalThis, name, { value });
