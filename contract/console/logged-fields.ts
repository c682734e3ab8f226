/**
 * What of requests and answers the request log keeps, by the name of the field: each string and number of each operation
 * is in one of the lists (a test sees to it). What is not on a list of kept fields, or has not the form of its list, is
 * kept as `•••`. A name that means several things is told apart by its parent: `owner.name`.
 */

/** A kept value has the form of its list, so that what is put into the wrong field is not kept either. */
export type LoggedForm =
  | 'id'
  | 'word'
  | 'amount'
  | 'number'
  | 'time'
  | 'address'
  | 'hash'
  | 'url'
  | 'cursor'
  | 'text';

const list = (text: string): readonly string[] => text.trim().split(/\s+/);

/** `text`: free text that is ours, or that a developer writes about the integration and not about a person. */
export const KEPT_FIELDS: Readonly<Record<LoggedForm, readonly string[]>> = {
  id: list(`id afterEventId apiKey cashInId confirmationId counterpartId customerId deliveryId depositAddressId depositId
    eventId eventIds externalAccount externalAccountId lastEventId originalConfirmationId paymentMethodId projectId quoteId
    recipientCustomerId requestId resource resourceId responseId senderCustomerId transaction transactionId troubleId
    verificationId virtualAccountId wallet walletId webhookId`),
  word: list(`.code accountHolder accountType accountholderName action actor asset audience block capabilities cause chain
    change check code complete country createdBy currency direction disabledReason distanceUnit endorsements
    estimatedBalanceCurrencyCode event events feeCurrency field fixedAmountSide flow from header holdReason issues kind
    match matched method missing mode namePrefix network object operation operationId outcome pace pair paymentRail pending
    permissions provider rail reason responseCode returnCode role scopes side snapshot state status step storage subStatus
    token tokenType transactionType type waitsFor when .name data.name fields.name projects.name timers.name`),
  amount:
    list(`amount amountGross amountHeld amountNet authorizedAmount availableBalance balance chainBalance chainTotal
    developer difference displayBalance effectiveRate estimatedBalance estimatedValueUsd exchangeRate expectedAmount fixed
    flatFee gas gasFee indicatedAmount ledgerBalance ledgerTotal max min oms pendingBalance percentage rate share
    sponsorGasCost total value distance`),
  number:
    list(`addresses adjustedItems advanceSeconds ageSeconds attempt attempts blockNumber chainId checked closedBreaks
    count decimals deliveries depth durationMs durationSeconds expiresIn factor happened limit logIndex maxLength
    milliseconds newBreaks offsetSeconds openBreaks overlapSeconds partnerTransactionId position quoteLifetimeSeconds
    rateLimit rows seconds seed sequence statusCode timers times typicalSeconds`),
  time: list(`advanceTo attemptedAt blockTime closedAt completedAt createdAfter createdAt createdBefore dueAt endedAt endsAt
    expiresAt firstSeenAt lastSeenAt lastUsedAt move.from nextAttemptAt now previousSecretValidUntil reachedAt returnedAt
    revokedAt signedAgreementAt startedAt startsAt submittedAt to updatedAt`),
  address: list(`address blockchainAddress contractAddress fromAddress sourceWalletAddress`),
  hash: list(`hash txHash transactionHash`),
  url: list('url'),
  cursor: list('cursor endingBefore nextCursor previousCursor startingAfter'),
  text: list(`bankName cashLocationId cashLocationReference description does enum error example fields.label findings hours
    instructions location.name locationId locationReference message path pattern responseText shows`),
};

/** People's data, what opens something, and what may be either. */
export const MASKED_FIELDS: readonly string[] = list(`
  accessToken apiSecret secret signature
  barcode cashCode depositInstructions.code
  accountNumber accountReferenceNumber bankMemo birthDate body brand cardNumber city deviceFingerprint email expiryMonth expiryYear
  externalId firstName headers iban imad instructionId ipAddress issuingCountry label last4 lastName latitude line1 line2
  locationAddress locationName longitude memo metadata middleName name nationality number ownerName phone promoCode
  developerReason reference residentialAddress.country residentialAddress.state routingNumber senderName swiftCode tags
  traceNumber uetr webSessionId zipCode
`);
