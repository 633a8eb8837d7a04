"""One part of the page a file: from the run's facts to markup, empty where the run has nothing to say."""
