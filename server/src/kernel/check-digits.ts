const ABA_WEIGHTS = [3, 7, 1];
const IBAN_MODULUS = 97;

const digitAt = (digits: string, index: number): number => digits.charCodeAt(index) - 48;

const weightedSum = (digits: string): number => {
  let sum = 0;
  for (let index = 0; index < digits.length; index++)
    sum += digitAt(digits, index) * (ABA_WEIGHTS[index % ABA_WEIGHTS.length] ?? 0);
  return sum;
};

/** Nine digits whose weighted sum is a multiple of ten (ABA); all zeros are nobody's. */
export const isAbaRoutingNumber = (text: string): boolean =>
  /^[0-9]{9}$/.test(text) && !/^0+$/.test(text) && weightedSum(text) % 10 === 0;

/** The routing number that begins with these eight digits. */
export const withAbaCheckDigit = (eightDigits: string): string =>
  // The ninth digit counts once.
  `${eightDigits}${(10 - (weightedSum(eightDigits) % 10)) % 10}`;

/** ISO 13616: the country and the check digits moved to the end, letters as 10 to 35, leaves 1 by 97. */
export function isIban(text: string): boolean {
  if (!/^[A-Z]{2}[0-9]{2}[0-9A-Z]{1,30}$/.test(text)) return false;
  let remainder = 0;
  for (const character of text.slice(4) + text.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % IBAN_MODULUS;
  }
  // 00, 01 and 99 leave the same remainders as 97, 98 and 02, which alone are assigned.
  return remainder === 1 && !/^..(00|01|99)/.test(text);
}

/** Luhn (ISO 7812): from the right, every second digit doubled; the digits sum to a multiple of ten. */
export function isCardNumber(text: string): boolean {
  if (!/^[0-9]{12,19}$/.test(text) || /^0+$/.test(text)) return false;
  let sum = 0;
  for (let index = 0; index < text.length; index++) {
    const digit = digitAt(text, text.length - 1 - index);
    const doubled = digit * 2;
    sum += index % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
