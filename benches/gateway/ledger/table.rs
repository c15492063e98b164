//! The comparison as a table of `docs/performance.md`: medians, and in brackets the least and the most.

use super::disk::{Disk, SLOWER_BY};
use super::{Case, Pair, Run};

pub fn print(disk: &Disk, rows: &[(Case, Vec<Pair>)]) {
    println!(
        "\nDisclosures (L3, ECDSA) with their entries durable, on {}, median (least–most) of {}; the slow disk is the same one \
         with {} ms added to every sync of gateway and PostgreSQL\n",
        disk.file_system,
        rows.first().map_or(0, |(_, pairs)| pairs.len()),
        SLOWER_BY.as_millis(),
    );
    println!(
        "| disk | database | clients | disclosures/s | entries a commit | p50 ms | with a commit each: disclosures/s | p50 ms | times as many |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for (case, pairs) in rows {
        let of = |which: fn(&Pair) -> f64| pairs.iter().map(which).collect::<Vec<_>>();
        println!(
            "| {} | {} | {} | {} | {:.1} | {:.1} | {} | {:.1} | {} |",
            if case.is_slow { "slow" } else { "real" },
            case.database,
            case.clients,
            spread(of(|pair| pair.grouped.flow.per_second), 0),
            median(of(|pair| pair.grouped.entries / pair.grouped.commits)),
            median(of(|pair| pair.grouped.millis())),
            spread(of(|pair| pair.single.flow.per_second), 0),
            median(of(|pair| pair.single.millis())),
            spread(of(|pair| pair.grouped.flow.per_second / pair.single.flow.per_second), 2),
        );
    }
}

impl Run {
    fn millis(&self) -> f64 {
        self.flow.median.as_secs_f64() * 1e3
    }
}

fn spread(mut values: Vec<f64>, digits: usize) -> String {
    values.sort_unstable_by(f64::total_cmp);
    let (least, most) = (values[0], values[values.len() - 1]);
    format!("{:.digits$} ({least:.digits$}–{most:.digits$})", median(values))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
