import { shallowRef } from 'vue'

/** One way to answer. */
export interface Choice<C extends string = string> {
  readonly id: C
  readonly label: string
  readonly look: 'primary' | 'plain' | 'danger'
}

/** What cannot go on before the person has chosen. */
export interface Question<C extends string = string> {
  readonly title: string
  readonly message: string
  /** The last one changes nothing; Escape chooses it. */
  readonly choices: readonly Choice<C>[]
}

interface OpenQuestion {
  readonly question: Question
  answer(choice: string): void
}

/** The question on the screen; undefined while there is none. */
export const openQuestion = shallowRef<OpenQuestion>()

let last: Promise<unknown> = Promise.resolve()

/** Asks a question, after those that were asked before. @returns what the person has chosen. */
export function ask<C extends string>(question: Question<C>): Promise<C> {
  const answered = last.then(
    () =>
      new Promise<C>((resolve) => {
        openQuestion.value = {
          question,
          answer(chosen) {
            const choice = question.choices.find(({ id }) => id === chosen)
            if (!choice) return
            openQuestion.value = undefined
            resolve(choice.id)
          },
        }
      }),
  )
  last = answered
  return answered
}
