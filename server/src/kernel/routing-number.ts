/** Weights of the nine digits of an ABA routing number; the weighted sum is a multiple of ten. */
const WEIGHTS = [3, 7, 1, 3, 7, 1, 3, 7, 1];
const ROUTING_NUMBER = /^[0-9]{9}$/;
const MODULUS = 10;

const weightedSum = (digits: string): number =>
  WEIGHTS.slice(0, digits.length).reduce((sum, weight, index) => sum + weight * Number(digits[index]), 0);

/** Nine digits whose check digit is right. Whether a bank has the number is another question. */
export const isRoutingNumber = (text: string): boolean =>
  ROUTING_NUMBER.test(text) && text !== '000000000' && weightedSum(text) % MODULUS === 0;

/** The routing number that begins with these eight digits. */
export const withCheckDigit = (eightDigits: string): string =>
  `${eightDigits}${(MODULUS - (weightedSum(eightDigits) % MODULUS)) % MODULUS}`;
