//! Which venue is best: all are asked at once, and nobody waits for the slowest.

use super::{VenueHealth, VenuePost, call::bounded, merit::Merit, venues::Availability};
use crate::order::{Intent, Ppm, QuoteAnswer, QuoteLine};
use futures_util::future::join_all;
use orderd_sdk::{
    amount::Amount,
    plugin::{Context, ErrorKind, Payload, PluginError, Quote, QuoteRequest, Venue},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::time::Instant;

/// The venues of every chain.
pub(super) struct Router {
    venues: BTreeMap<String, Vec<Named>>,
    budget: Duration,
    penalty_bps: u32,
}

struct Named {
    name: String,
    venue: Arc<dyn Venue>,
    health: Arc<dyn VenueHealth>,
}

/// The end of a round of quotes.
#[derive(Debug)]
pub(super) struct Round {
    /// Every venue's answer, best first.
    pub(super) quotes: Arc<[QuoteLine]>,
    /// The best, or why there is none.
    pub(super) best: Result<Route, NoRoute>,
}

/// Why no venue has a price.
#[derive(Debug)]
pub(super) struct NoRoute {
    pub(super) error: PluginError,
    /// How long nobody can be asked: it makes no sense to come back sooner.
    pub(super) pause: Option<Duration>,
}

/// The venue that won.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) quote: QuoteLine,
    pub(super) amount_out: Amount,
    pub(super) path: Payload,
}

struct Answer {
    dex: String,
    latency: Duration,
    score: Ppm,
    result: Result<Quote, PluginError>,
}

impl Router {
    /// Venues by name; a quote that takes longer than the budget does not count, and so much of the output of a venue
    /// that does not do well at all.
    pub(super) fn new(venues: BTreeMap<String, VenuePost>, budget: Duration, penalty_bps: u32) -> Self {
        let mut by_chain: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for (name, VenuePost { venue, chain, health }) in venues {
            by_chain.entry(chain).or_default().push(Named { name, venue, health });
        }
        Self { venues: by_chain, budget, penalty_bps }
    }

    /// The venue of this name on a chain.
    pub(super) fn venue(&self, chain: &str, name: &str) -> Option<&Arc<dyn Venue>> {
        self.venues.get(chain)?.iter().find(|known| known.name == name).map(|known| &known.venue)
    }

    /// How many venues an order may use.
    pub(super) fn count(&self, intent: &Intent) -> u32 {
        u32::try_from(self.eligible(intent).count()).unwrap_or(u32::MAX)
    }

    /// Asks every eligible venue. Returns when all have answered, or when the budget is used up.
    pub(super) async fn quotes(&self, intent: &Intent, trader: &str) -> Round {
        let (ctx, begin) = (Context::within(self.budget), Instant::now());
        let asked = self.eligible(intent).map(|Named { name, venue, health }| async {
            let request = QuoteRequest {
                trader: trader.to_owned(),
                token_in: intent.token_in.clone(),
                token_out: intent.token_out.clone(),
                amount_in: intent.amount_in,
            };
            let result = bounded(&ctx, venue.quote(&ctx, request)).await;
            Answer { dex: name.clone(), latency: begin.elapsed(), score: health.score(), result }
        });
        let mut round = rank(join_all(asked).await, intent.max_price_impact, self.penalty_bps);
        if let Err(none) = &mut round.best {
            none.pause = pause(self.eligible(intent).map(|venue| venue.health.availability()));
        }
        round
    }

    fn eligible(&self, intent: &Intent) -> impl Iterator<Item = &Named> {
        let of_chain = self.venues.get(&intent.chain).into_iter().flatten();
        of_chain.filter(|venue| intent.venues.is_empty() || intent.venues.contains(&venue.name))
    }
}

/// How long none of them will be asked; nothing, when one would be now, or when nobody knows.
fn pause(venues: impl Iterator<Item = Availability>) -> Option<Duration> {
    let mut shortest = None;
    for availability in venues {
        match availability {
            Availability::Asked => return None,
            Availability::Resting(rest) => {
                shortest = Some(shortest.map_or(rest, |known: Duration| known.min(rest)))
            }
            Availability::Barred => {}
        }
    }
    shortest
}

/// Sorts answers by their [merit](Merit), failures last, and picks the first.
fn rank(answers: Vec<Answer>, max_impact: Option<Ppm>, penalty_bps: u32) -> Round {
    let weigh = |answer: Answer| {
        let score = answer.score;
        let (line, result) = judge(answer, max_impact);
        let merit = net(&line).map(|net| Merit::new(net, score, penalty_bps));
        (merit, line, result)
    };
    let mut weighed: Vec<_> = answers.into_iter().map(weigh).collect();
    weighed.sort_by(|(a, left, _), (b, right, _)| {
        Merit::order((a.as_ref(), &left.dex), (b.as_ref(), &right.dex))
    });
    let ranked: Vec<_> = weighed.into_iter().map(|(_, line, result)| (line, result)).collect();
    let quotes: Arc<[_]> = ranked.iter().map(|(line, _)| line.clone()).collect();
    let best = match ranked.iter().any(|(_, result)| result.is_ok()) {
        true => ranked.into_iter().find_map(|(quote, result)| result.ok().map(|found| route(quote, found))),
        false => {
            let none = NoRoute { error: why_none(ranked), pause: None };
            return Round { best: Err(none), quotes };
        }
    };
    let best = best.expect("one of the answers is a price");
    Round { quotes, best: Ok(best) }
}

fn route(line: QuoteLine, quote: Quote) -> Route {
    Route { quote: line, amount_out: quote.amount_out, path: quote.route }
}

/// What an order's history says of an answer, and whether it may win.
fn judge(answer: Answer, max_impact: Option<Ppm>) -> (QuoteLine, Result<Quote, PluginError>) {
    let result = answer.result.and_then(|quote| acceptable(quote, max_impact));
    let answer_line = match &result {
        Ok(quote) => QuoteAnswer::Priced {
            amount_out: quote.amount_out,
            net_amount_out: quote.amount_out.saturating_sub(quote.network_cost.unwrap_or_default()),
            price_impact: quote.price_impact_ppm.map(Ppm),
        },
        Err(error) => QuoteAnswer::Failed { error: error.message.clone() },
    };
    let latency_ms = u64::try_from(answer.latency.as_millis()).unwrap_or(u64::MAX);
    (QuoteLine { dex: answer.dex, latency_ms, answer: answer_line }, result)
}

fn acceptable(quote: Quote, max_impact: Option<Ppm>) -> Result<Quote, PluginError> {
    if quote.amount_out.is_zero() {
        return Err(PluginError::transient("the swap would give nothing"));
    }
    match (max_impact, quote.price_impact_ppm.map(Ppm)) {
        (Some(max), Some(impact)) if impact > max => {
            Err(PluginError::transient(format!("price impact of {impact} % is above {max} %")))
        }
        (Some(_), None) => Err(PluginError::transient("the venue does not tell its price impact")),
        _ => Ok(quote),
    }
}

fn net(line: &QuoteLine) -> Option<Amount> {
    match &line.answer {
        QuoteAnswer::Priced { net_amount_out, .. } => Some(*net_amount_out),
        QuoteAnswer::Failed { .. } => None,
    }
}

/// Why no venue has a price. Trying again may help when it may help with any of them.
fn why_none(answers: Vec<(QuoteLine, Result<Quote, PluginError>)>) -> PluginError {
    let failures: Vec<_> = answers
        .into_iter()
        .filter_map(|(line, result)| result.err().map(|error| (line.dex, error)))
        .collect();
    if failures.is_empty() {
        return PluginError::permanent("no venue may execute this order");
    }
    let kind = match failures.iter().any(|(_, error)| error.is_transient()) {
        true => ErrorKind::Transient,
        false => ErrorKind::Permanent,
    };
    let reasons: Vec<_> = failures.iter().map(|(dex, error)| format!("{dex}: {error}")).collect();
    PluginError { kind, message: format!("no venue has a price ({})", reasons.join("; ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn priced(dex: &str, amount_out: u64, cost: Option<u64>, impact: Option<u32>) -> Answer {
        let quote = Quote {
            amount_out: Amount::from(amount_out),
            network_cost: cost.map(Amount::from),
            price_impact_ppm: impact,
            route: json!(dex).into(),
        };
        Answer { dex: dex.to_owned(), latency: Duration::from_millis(1), score: Ppm::ONE, result: Ok(quote) }
    }

    fn failed(dex: &str, error: PluginError) -> Answer {
        Answer { dex: dex.to_owned(), latency: Duration::from_millis(1), score: Ppm::ONE, result: Err(error) }
    }

    fn order_of(round: &Round) -> Vec<&str> {
        round.quotes.iter().map(|line| line.dex.as_str()).collect()
    }

    #[test]
    fn best_net_output_wins_and_failures_come_last() {
        let answers = vec![
            failed("down", PluginError::transient("no answer in time")),
            priced("gross", 1_000, Some(20), None),
            priced("net", 990, Some(5), None),
            priced("small", 900, None, None),
        ];
        let round = rank(answers, None, 50);
        assert_eq!(order_of(&round), ["net", "gross", "small", "down"]);
        let best = round.best.unwrap();
        assert_eq!((best.quote.dex.as_str(), best.amount_out), ("net", Amount::from(990_u64)));
        assert_eq!(best.path, json!("net"));
    }

    #[test]
    fn equal_quotes_are_decided_by_name() {
        let round = rank(vec![priced("b", 5, None, None), priced("a", 5, None, None)], None, 50);
        assert_eq!(order_of(&round), ["a", "b"]);
    }

    #[test]
    fn quotes_that_move_the_price_too_far_do_not_count() {
        let answers = vec![
            priced("deep", 950, None, Some(9_999)),
            priced("shallow", 1_000, None, Some(10_001)),
            priced("silent", 2_000, None, None),
        ];
        let round = rank(answers, Some(Ppm(10_000)), 50);
        assert_eq!(order_of(&round)[0], "deep");
        assert_eq!(round.best.unwrap().quote.dex, "deep");
    }

    #[test]
    fn without_a_price_the_reason_names_every_venue_and_whether_to_try_again() {
        let down = || failed("down", PluginError::transient("refused"));
        let none = || failed("none", PluginError::permanent("no pool"));
        for (answers, transient) in [
            (vec![down(), none()], true),
            (vec![none()], false),
            (vec![], false),
            (vec![priced("x", 0, None, None)], true),
        ] {
            let error = rank(answers, None, 50).best.unwrap_err().error;
            assert_eq!(error.is_transient(), transient, "{error}");
        }
        let error = rank(vec![none(), down()], None, 50).best.unwrap_err().error;
        assert_eq!(error.message, "no venue has a price (down: refused; none: no pool)");
    }

    #[test]
    fn a_venue_that_does_not_do_well_has_to_give_more_and_the_list_tells_what_it_gives() {
        for (output, penalty, first) in [(1_004, 50, "well"), (1_006, 50, "ill"), (1_004, 0, "ill")] {
            let ill = Answer { score: Ppm(0), ..priced("ill", output, None, None) };
            let round = rank(vec![ill, priced("well", 1_000, None, None)], None, penalty);
            assert_eq!(order_of(&round)[0], first, "{output} {penalty}");
            let nets: Vec<_> = round.quotes.iter().filter_map(net).collect();
            assert!(nets.contains(&Amount::from(output)) && nets.contains(&Amount::from(1_000_u64)));
            assert_eq!(round.best.unwrap().quote.dex, first);
        }
    }

    #[test]
    fn nobody_comes_back_before_somebody_can_be_asked() {
        let resting = |seconds| Availability::Resting(Duration::from_secs(seconds));
        for (venues, expected) in [
            (vec![resting(5), resting(2), Availability::Barred], Some(2)),
            (vec![resting(5), Availability::Asked], None),
            (vec![Availability::Barred], None),
            (vec![], None),
        ] {
            assert_eq!(pause(venues.into_iter()), expected.map(Duration::from_secs));
        }
    }
}
