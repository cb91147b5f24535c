-- The floor of bench/metrics.py: the same statistics hand-written for duckdb, in a folder with the files.

CREATE TEMP TABLE staff AS SELECT *, worker_type IN ('employee', 'apprentice') AS counted FROM 'workforce.parquet';

CREATE TEMP TABLE spells AS SELECT *, least(coalesce(termination_date, DATE '2025-12-30'), DATE '2025-12-30') AS
    until, greatest(0, datediff('day', greatest(hire_date, DATE '2024-12-31'), least(coalesce(termination_date, DATE
    '2025-12-30'), DATE '2025-12-30')) + 1) AS days FROM staff WHERE counted;

CREATE TEMP TABLE sums AS SELECT employee_key, sum(pay_base) AS base, sum(hours_regular + hours_paid_leave) AS paid,
    sum(hours_regular) AS regular, sum(hours_overtime) AS overtime, sum(pay_bonus) AS bonus,
    sum(employer_retirement_contribution) AS retirement, count(DISTINCT period_start) AS periods, max(period_end) AS
    latest FROM 'payroll-*.parquet' GROUP BY employee_key;

CREATE TEMP TABLE people AS SELECT s.*, base / paid AS r0, base / paid + bonus / paid AS r, bonus, paid, base,
    weekly_hours / 40 AS fte, datediff('day', hire_date, DATE '2025-12-30') AS served FROM spells s LEFT JOIN sums
    USING (employee_key) WHERE hire_date <= DATE '2025-12-30' AND (termination_date IS NULL OR termination_date >=
    DATE '2025-12-30');

CREATE TEMP TABLE held AS SELECT employee_key, bool_or(plan_code = 'MED') AS medical, bool_or(plan_code = 'DC') AS
    retirement, sum(employer_contribution_annual) FILTER (plan_code = 'MED') AS employer,
    sum(employer_contribution_annual + employee_contribution_annual) FILTER (plan_code = 'MED') AS premium FROM
    'enrolments.parquet' GROUP BY employee_key;

CREATE TEMP TABLE access AS SELECT people.*, h.medical IS TRUE AS in_medical, h.retirement IS TRUE AS in_retirement,
    (weekly_hours >= 30 AND served >= 90) OR h.medical IS TRUE AS medical, true AS retirement, weekly_hours >= 20 AS
    vacation, served >= 180 AS sick, weekly_hours >= 30 AND served >= 365 AS parental, employer, premium FROM people
    LEFT JOIN held h USING (employee_key);

-- metric median_hourly_pay
SELECT median(r) FROM people;

-- metric pay_p90_p10_ratio
SELECT quantile_cont(r, 0.9) / quantile_cont(r, 0.1) FROM people;

-- metric gini_pay
SELECT 2 * sum(i * r) / (count(*) * sum(r)) - (count(*) + 1.0) / count(*) FROM (SELECT r, row_number() OVER (ORDER
    BY r) AS i FROM people);

-- metric market_pay_ratio
SELECT exp(avg(ln(r0 / 25))) FROM people WHERE soc_code IS NOT NULL;

-- metric living_wage_share
SELECT 100 * avg((r0 >= CASE work_county WHEN '48113' THEN 22 ELSE 27 END)::INT) FROM people;

-- metric living_wage_gap_depth
SELECT 100 * sum(greatest(0, w - r0) * weekly_hours) / sum(w * weekly_hours) FROM (SELECT *, CASE work_county WHEN
    '48113' THEN 22 ELSE 27 END AS w FROM people);

-- metric entry_wage_to_minimum_ratio
SELECT quantile_cont(r0, 0.05) / 7.25 FROM people WHERE job_level = 1;

-- metric real_wage_growth_stayers
SELECT 100 * (median(base_rate / base_rate_start) - 1) FROM people WHERE hire_date <= DATE '2024-12-31';

-- metric pay_ratio_top_median
SELECT max(r) / median(r) FROM people;

-- metric gender_gap_mean_hourly
SELECT 100 * (1 - avg(r) FILTER (gender = 'F') / avg(r) FILTER (gender = 'M')) FROM people;

-- metric gender_gap_median_hourly
SELECT 100 * (1 - median(r) FILTER (gender = 'F') / median(r) FILTER (gender = 'M')) FROM people;

-- metric variable_receipt_gap
SELECT 100 * (avg((bonus > 0)::INT) FILTER (gender = 'M') - avg((bonus > 0)::INT) FILTER (gender = 'F')) FROM people;

-- metric pay_quarter_female_share
SELECT max(share) FROM (SELECT 100.0 * avg((gender = 'F')::INT) AS share FROM (SELECT gender, ntile(4) OVER (ORDER
    BY r, employee_key) AS quarter FROM people) GROUP BY quarter);

-- metric adjusted_gender_gap
SELECT 100 * (1 - exp(avg(f - m))) FROM (SELECT job_level, avg(ln(r)) FILTER (gender = 'F') AS f, avg(ln(r))
    FILTER (gender = 'M') AS m FROM people GROUP BY job_level);

-- metric benefit_access_rate
SELECT 20.0 * avg((medical::INT + retirement::INT + vacation::INT + sick::INT + parental::INT)) FROM access;

-- metric benefit_participation_rate
SELECT 20.0 * avg((in_medical::INT + in_retirement::INT + vacation::INT + sick::INT + parental::INT)) FROM access;

-- metric benefit_take_up_rate
SELECT 20.0 * (sum(in_medical::INT) / sum(medical::INT) + sum(in_retirement::INT) / sum(retirement::INT) + 3) FROM
    access;

-- metric employer_premium_share
SELECT 100 * sum(employer) / sum(premium) FROM access;

-- metric retirement_contribution_rate
SELECT 100 * sum(retirement) / sum(base) FROM sums SEMI JOIN spells USING (employee_key);

-- metric paid_leave_days_per_fte
SELECT sum(fte * (20 * vacation::INT + 9 * sick::INT)) / sum(fte) FROM access;

-- metric low_wage_benefit_parity
SELECT least(1, avg(a) FILTER (q = 1) / avg(a) FILTER (q = 4)) FROM (SELECT (medical::INT + retirement::INT +
    vacation::INT + sick::INT + parental::INT) AS a, ntile(4) OVER (ORDER BY r, employee_key) AS q FROM access);

-- metric turnover_rate
SELECT 100 * count(*) FILTER (termination_date BETWEEN DATE '2024-12-31' AND DATE '2025-12-30' AND
    termination_reason <> 'transfer_out') / ((SELECT sum(days) / 365.0 FROM spells) * 1) FROM
    spells;

-- metric voluntary_turnover_rate
SELECT 100 * count(*) FILTER (termination_date BETWEEN DATE '2024-12-31' AND DATE '2025-12-30' AND
    termination_reason = 'voluntary_quit') / ((SELECT sum(days) / 365.0 FROM spells) * 1) FROM
    spells;

-- metric quits_rate_monthly
SELECT avg(100.0 * quits / employed) FROM (SELECT day, count(*) FILTER (hire_date <= day AND
    coalesce(termination_date, DATE '2025-12-30') >= day) AS employed, count(*) FILTER (termination_reason =
    'voluntary_quit' AND date_trunc('month', termination_date) = date_trunc('month', day)) AS quits FROM spells,
    (SELECT unnest(range(DATE '2025-01-12', DATE '2025-12-01', INTERVAL 1 MONTH)) AS day) GROUP BY day);

-- metric early_attrition_90d
SELECT 100 * (1 - exp(sum(ln(1 - events / at_risk)))) FROM (SELECT time, events, sum(leaving) OVER (ORDER BY time
    DESC) AS at_risk FROM (SELECT datediff('day', hire_date, until) AS time, count(*) AS leaving, count(*) FILTER
    (termination_date IS NOT NULL AND termination_reason <> 'transfer_out') AS events FROM spells WHERE hire_date >=
    DATE '2024-12-31' GROUP BY time)) WHERE time <= 90;

-- metric turnover_gap
SELECT f / m FROM (SELECT sum((termination_date BETWEEN DATE '2024-12-31' AND DATE '2025-12-30' AND
    termination_reason = 'voluntary_quit')::INT) FILTER (gender = 'F') / sum(days) FILTER (gender = 'F') AS f,
    sum((termination_date BETWEEN DATE '2024-12-31' AND DATE '2025-12-30' AND termination_reason =
    'voluntary_quit')::INT) FILTER (gender = 'M') / sum(days) FILTER (gender = 'M') AS m FROM spells);

-- metric promotion_rate
SELECT 100 * sum(promotions_in_window * (job_level > job_level_start AND base_rate >= 1.03 * base_rate_start)::INT)
    / (sum(days) / 365.0 * 1) FROM spells;

-- metric promotion_rate_gap
SELECT max(rate) FILTER (gender = 'M') - max(rate) FILTER (gender = 'F') FROM (SELECT gender, 100 *
    sum(promotions_in_window * (job_level > job_level_start AND base_rate >= 1.03 * base_rate_start)::INT) /
    (sum(days) / 365.0 * 1) AS rate FROM spells GROUP BY gender);

-- metric representation_share
SELECT 100 * count(*) FILTER (gender = 'F') / count(*) FILTER (gender <> 'U') FROM people;

-- metric race_shares
SELECT max(n) FROM (SELECT race_ethnicity, count(*) AS n FROM people GROUP BY race_ethnicity);

-- metric age_shares
SELECT max(n) FROM (SELECT age_band, count(*) AS n FROM people GROUP BY age_band);

-- metric leadership_representation_ratio
SELECT (count(*) FILTER (gender = 'F' AND top_management) / count(*) FILTER (gender <> 'U' AND top_management)) /
    (count(*) FILTER (gender = 'F') / count(*) FILTER (gender <> 'U')) FROM people;

-- metric disclosure_rate
SELECT 100 * least(avg((gender <> 'U')::INT), avg((race_ethnicity <> 'unknown')::INT)) FROM people;

-- metric overtime_hours_share
SELECT 100 * sum(overtime) / sum(regular + overtime) FROM sums SEMI JOIN spells USING (employee_key);

-- metric permanent_share
SELECT 100 * avg((contract_type = 'permanent')::INT) FROM people;

-- metric guaranteed_hours_share
SELECT 100 * avg(guaranteed_hours::INT) FROM people;

-- metric contingent_share
SELECT 100 * sum(weekly_hours) FILTER (worker_type IN ('agency', 'contractor')) / sum(weekly_hours) FROM staff WHERE
    hire_date <= DATE '2025-12-30' AND (termination_date IS NULL OR termination_date >= DATE '2025-12-30');

-- metric collective_bargaining_coverage
SELECT 100 * avg((union_covered = 'yes')::INT) FROM people WHERE union_covered <> 'undisclosed';

-- metric training_hours_per_employee
SELECT sum(training_hours_12m) / (sum(days) / 365.0) FROM spells;
-- metric retention_rate_12m
SELECT 100.0 * count(*) FILTER (termination_date IS NULL OR termination_date >= DATE '2025-12-30') / count(*) FROM
    spells WHERE hire_date <= DATE '2024-12-31' AND NOT coalesce(termination_reason = 'transfer_out' AND
    termination_date < DATE '2025-12-30', false);
