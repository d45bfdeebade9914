# Habits. The build itself is the POM: `mvn verify` is the whole check.
.PHONY: build check test format sim

build: ## compile and package without tests
	mvn -B -DskipTests package

check: ## everything the build demands
	mvn -B verify

test: ## unit tests only
	mvn -B test

format: ## rewrite every source file with google-java-format
	mvn -B -q -N verify -Dformat.mode=apply

sim: ## the simulator: SEED=7 for one traced run, SEEDS=1..2000 for many
	bin/lockstep-sim
