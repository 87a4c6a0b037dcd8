"""Operations: what users start, and what becomes of it across resumes, lost workers and outages.

`models` is what there is and `lifecycle` everything that may become of it: no status is written
elsewhere. The verbs (`resume`, `cancel`, `restart`, `dispatch`) stand on them, `access` says who
may, `reading` what is shown, `upkeep` what happens without anybody's asking. The surfaces (`views`,
`api`, `admin`, `streams`, `monitoring`, `management`) hold no rule. What runs is no matter of this
package: see `operation_types`.
"""
