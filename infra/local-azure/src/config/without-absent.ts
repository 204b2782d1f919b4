/** The type with every `x?: T | undefined` as `x?: T`. */
export type WithoutAbsent<T> = T extends readonly (infer Item)[]
  ? readonly WithoutAbsent<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: WithoutAbsent<Exclude<T[K], undefined>> }
    : T;

/** The same value without properties that are `undefined`. It came from JSON, so that a copy holds it all. */
export function withoutAbsent<T>(value: T): WithoutAbsent<T> {
  return JSON.parse(JSON.stringify(value)) as WithoutAbsent<T>;
}
