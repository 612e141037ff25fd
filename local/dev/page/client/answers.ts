import * as z from '../../../../shared/zod.ts';

/*
 * Of the API's answers, what the page shows. The contract's own schemas are not for browsers: they
 * import what only Node has.
 */

const credits = z.int();

export const balance_answer = z.object({
  plan: z.string(),
  unlimited: z.boolean(),
  monthly_credits: z.nullable(credits),
  used_credits: credits,
  held_credits: credits,
  available_credits: z.nullable(credits),
  reset_date: z.iso.datetime(),
  lots: z.array(z.object({ kind: z.string(), remaining: credits, held: credits })),
});
export type Balance = z.output<typeof balance_answer>;

export const plans_answer = z.object({
  plans: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      monthly_credits: z.nullable(credits),
      features: z.array(z.string()),
      prices: z.array(z.object({ interval: z.string(), amount: z.int(), currency: z.string() })),
    }),
  ),
  packs: z.array(z.object({ id: z.string(), name: z.string(), credits, amount: z.int(), currency: z.string() })),
});
export type Plans = z.output<typeof plans_answer>;
