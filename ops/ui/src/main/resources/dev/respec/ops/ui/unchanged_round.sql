SELECT step FROM (SELECT step, metrics FROM steps WHERE role = 'DRAFTER' ORDER BY step DESC LIMIT 1)
WHERE metrics['unchanged'] = 1
