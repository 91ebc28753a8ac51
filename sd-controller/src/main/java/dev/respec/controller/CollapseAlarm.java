package dev.respec.controller;

/** A drafter whose drafts are hardly ever accepted: a wiped or wrong drafter looks like this, with no error anywhere. */
record CollapseAlarm(String drafter, double acceptanceLength, long restsUntil) {}
