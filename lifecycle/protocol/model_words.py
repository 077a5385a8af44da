"""The words of turns that ended without a decision, and of runs. Forms as in `rule_words`."""

from collections.abc import Mapping
from typing import Final

MODEL_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "model_timeout": (
        "The model did not answer[[ within {seconds} seconds]].",
        "Ask for less at once, or have the operator give turns more time.",
    ),
    "model_unreachable": (
        "The model's server could not be reached[[: {problem:plain}]].",
        "See that the server runs and that the run's base URL is its address.",
    ),
    "model_rate_limited": (
        "The model's server takes no more requests now[[: {said}]].",
        "Wait before the next run, or raise the limit at the provider.",
    ),
    "model_unauthorised": (
        "The model's server does not accept the service's key.",
        "Have the operator set OPENAI_API_KEY to a key of this server, and start the run again.",
    ),
    "model_refused": (
        "The model refused to answer[[: {said}]].",
        "Change the run's goal; the world is as it was.",
    ),
    "model_answer_too_large": (
        "The model's answer is larger than[[ {maximum} bytes, which is]] what is read.",
        "Use a model that keeps to its limit of tokens.",
    ),
    "model_error": (
        "The model's server gave no answer that can be read[[: {said}]][[ (status {status})]].",
        "See that the base URL is that of an OpenAI-compatible API, and that it has this model.",
    ),
    "turn_limit_reached": (
        "The turn ended without a decision: it used up its {limit:plain}[[, which is {maximum}]].",
        "Decide earlier in the turn: ask less, and answer with one decision.",
    ),
    "turn_lost": (
        "The process that took this turn ended before there was a decision.",
        "Nothing has to be done; the run goes on with its next turn.",
    ),
    "decision_with_queries": (
        "The decision came together with queries; the queries were answered, the decision not run.",
        "Read the answers, then call agent_submit_decision alone.",
    ),
    "decision_repeated": (
        "This is the decision that was refused just before, unchanged; it was not submitted.",
        "Change what the refusal names, or decide something else; sent again, it is submitted.",
    ),
    "queries_used_up": (
        "This turn has no queries left; it was not answered.",
        "Decide now with what you know.",
    ),
    "query_repeated": (
        "This was asked already in this turn, and the answer is the same.",
        "Decide now.",
    ),
    "prompt_too_large": (
        "What the model must be told takes more tokens than it can be given[[: {needed_tokens}]].",
        "Have the operator give prompts more room (WORLDSIM_PROMPT_TOKENS), or shorten the goal.",
    ),
    "run_exists": (
        "The agent {agent_id} has a run already.",
        "Stop that run first, or choose another agent.",
    ),
    "model_not_offered": (
        "The model {received} is not one that the operator offers.",
        "Choose one of {accepted:plain}.",
    ),
}
