import type { EventName } from '@openoms/contract/events.ts';
import {
  CRYPTO_DEPOSIT_RECIPES,
  CUSTOMER_RECIPES,
  DEPOSIT_ADDRESS_RECIPES,
  EXTERNAL_ACCOUNT_RECIPES,
  VIRTUAL_ACCOUNT_RECIPES,
} from './accounts.ts';
import { CASH_IN_RECIPES, REVIEW_RECIPES, TRANSACTION_RECIPES, WALLET_RECIPES } from './payments.ts';
import type { Recipe } from './recipe.ts';
import { WEBHOOK_RECIPES } from './webhooks.ts';

/** How to make each event of the catalogue happen. An event without a recipe does not compile. */
export const RECIPES: Readonly<Record<EventName, Recipe>> = {
  ...CASH_IN_RECIPES,
  ...TRANSACTION_RECIPES,
  ...REVIEW_RECIPES,
  ...WALLET_RECIPES,
  ...CUSTOMER_RECIPES,
  ...EXTERNAL_ACCOUNT_RECIPES,
  ...VIRTUAL_ACCOUNT_RECIPES,
  ...DEPOSIT_ADDRESS_RECIPES,
  ...CRYPTO_DEPOSIT_RECIPES,
  ...WEBHOOK_RECIPES,
};
