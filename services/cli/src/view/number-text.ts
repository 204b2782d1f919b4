/** Digits behind the point that a value shows where two are enough to tell it from another. */
const fewDecimals = 2;
const mostDecimals = 12;
/** What may be rounded away, as a part of the distance to the other value. */
const roundingMax = 0.02;

/** A value with as few digits as show how far it is from `beside`, which stands next to it. */
export function numberText(value: number, beside: number): string {
  for (let decimals = fewDecimals; decimals <= mostDecimals; decimals++) {
    const shown = Number(value.toFixed(decimals));
    const isClose = Math.abs(shown - value) <= Math.abs(value - beside) * roundingMax;
    if (value === beside || isClose) return String(shown);
  }
  return String(value);
}

/** `18.9 %`, and more digits below one in a thousand. */
export function percentText(share: number): string {
  const percent = share * 100;
  const rounded = Math.round(percent * 10) / 10;
  return `${rounded === 0 && percent > 0 ? Number(percent.toPrecision(1)) : rounded} %`;
}
